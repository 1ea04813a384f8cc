"""One's tokens over the API: until when each lives, and its end. A key that made keys would never end."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import tokens as actions
from roles.api.views import ApiViewSet
from roles.models import ApiToken


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its key; `prefix` is how the key begins, `ends_at` null: until it is revoked."""

    class Meta:
        model = ApiToken
        fields = ("id", "name", "prefix", "scopes", "created_at", "last_used_at", "ends_at")
        read_only_fields = fields


class TokenViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """The tokens of the member who asks; they are made on a page, by whoever signs in there."""

    serializer_class = TokenSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.manage_tokens",
        "retrieve": "roles.manage_tokens",
        "destroy": "roles.manage_tokens",
    }

    def get_queryset(self) -> QuerySet[ApiToken]:
        if getattr(self, "swagger_fake_view", False):  # made for the schema: nobody asks
            return ApiToken.objects.none()
        return ApiToken.objects.filter(member=self.member, revoked_at=None)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Revoke it: programs that use it are refused from now on, this one too if it is its own."""
        actions.revoke_token(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: BaseRouter) -> None:
    """Add tokens to the API."""
    router.register("tokens", TokenViewSet, basename="token")
