"""What every viewset of the API shares: capabilities by action, the organization's scope, and idempotent creation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from roles.api.idempotency import IdempotentCreates
from roles.days import far_days
from roles.models import Member
from roles.names import NO_LINE, is_one_line


class ApiViewSet(IdempotentCreates, GenericViewSet[Any]):
    """A viewset whose `capabilities` names, for each of its actions, what the member must be able to do."""

    capabilities: ClassVar[dict[str, str]] = {}

    @property
    def member(self) -> Member:
        """Who acts: the token's member."""
        return self.request.auth.member  # type: ignore[union-attr,no-any-return]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse names that would begin a line elsewhere (in a mail, a file, the log), and days that no clock shows."""
        super().initial(request, *args, **kwargs)
        # What is asked for or taken away brings no body, whatever its head says of one.
        brings = request.method in {"POST", "PUT", "PATCH"} and request.content_type == "application/json"
        said = request.data if brings else None
        if isinstance(said, dict) and not is_one_line(said.get("name")):
            raise ValidationError({"name": [NO_LINE]})
        if far := far_days([request.query_params.dict(), said]):
            raise ValidationError(far)

    def asked_for(self, name: str, values: Iterable[object]) -> str:
        """What a list is asked for by this name, one of some values; empty where it is not asked for."""
        said, known = self.request.query_params.get(name, ""), [str(value) for value in values]
        if said and said not in known:
            raise ValidationError({name: [f"One of: {', '.join(known)}."]})
        return said

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Render while still acting for the organization, then leave it."""
        response = super().finalize_response(request, response, *args, **kwargs)
        scope = getattr(request._request, "organization_scope", None)
        if scope is not None:
            try:
                if isinstance(response, Response):  # a file is given out as it is
                    response.render()
            finally:
                scope.close()
        return response
