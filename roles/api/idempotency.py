"""An `Idempotency-Key` on a create: the first answer is kept, and a repetition gets it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from roles import clock
from roles.api.problems import Conflict
from roles.models import IdempotencyKey


class _Create:
    """`create`, where the viewset says how a row is made; for the others the router finds none, and makes no route."""

    def __get__(self, view: Any, owner: Any) -> Any:
        if owner.create_row is IdempotentCreates.create_row:
            raise AttributeError("create")
        return _described(owner.create_row).__get__(view, owner)


@cache
def _described(create_row: Any) -> Any:
    """What makes once, described in the contract as its `create_row` is."""

    def create(self: IdempotentCreates, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.create_once(request, *args, **kwargs)

    create.__doc__ = create_row.__doc__
    create.kwargs = getattr(create_row, "kwargs", {})  # type: ignore[attr-defined]  # where `extend_schema` writes
    return create


class IdempotentCreates:
    """Makes `create` of a viewset honour the header `Idempotency-Key` (1 to 255 characters, per member)."""

    create = _Create()

    def create_once(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create once per key; a second call with other content is refused."""
        return self.once(request, lambda: self.create_row(request))

    def once(self, request: Request, make: Callable[[], Response]) -> Response:
        """Make something once per key, for other verbs that bring something new."""
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return make()
        if len(key) > 255:
            raise ValidationError({"Idempotency-Key": [_("At most 255 characters.")]})
        return self._once(request, key, make)

    def create_row(self, request: Request) -> Response:
        """Create the row; the viewset says how."""
        raise NotImplementedError

    def _once(self, request: Request, key: str, make: Callable[[], Response]) -> Response:
        digest = hashlib.sha256(f"{request.path}\n{json.dumps(request.data, sort_keys=True)}".encode()).hexdigest()
        member = request.auth.member  # type: ignore[union-attr]
        # The key's row and what it creates are committed together: no answer is remembered that did not happen.
        with transaction.atomic():
            try:
                with transaction.atomic():
                    kept = IdempotencyKey.objects.create(
                        member=member, key=key, request_digest=digest, created_at=clock.now()
                    )
            except IntegrityError:
                return self._again(member, key, digest)
            response = make()
            kept.status = response.status_code
            kept.body = json.loads(json.dumps(response.data, cls=JSONEncoder))
            kept.save(update_fields=["status", "body"])
            return response

    def _again(self, member: Any, key: str, digest: str) -> Response:
        kept = IdempotencyKey.objects.get(member=member, key=key)
        if kept.request_digest != digest:
            raise Conflict(_("This Idempotency-Key was used for another request. Choose a new one."))
        return Response(kept.body, status=kept.status, headers={"Idempotent-Replayed": "true"})
