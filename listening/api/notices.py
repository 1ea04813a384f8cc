"""One's own notice addresses over the API; the address itself is only ever written."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import notices as actions
from listening.api.translated import TranslatedField
from listening.models import Notice, NoticeAddress
from listening.notice_forms import FIELDS
from roles import clock
from roles.api.views import ApiViewSet

CHOOSE = "listening.choose_notices"


class NoticeAddressSerializer(serializers.ModelSerializer[NoticeAddress]):
    """A chat room or a telephone that the member is told through."""

    problem = TranslatedField(read_only=True)

    class Meta:
        model = NoticeAddress
        fields = (
            "id", "name", "service", "kinds", "pace", "daily_at", "quiet_from", "quiet_until", "warnings_always",
            "is_active", "problem", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class NewNoticeAddressSerializer(serializers.Serializer[Any]):
    """Where, about what and when."""

    name = serializers.CharField(max_length=120)
    address = serializers.CharField(max_length=2000, write_only=True, help_text="As Apprise writes it.")
    kinds = serializers.ListField(child=serializers.CharField(max_length=40))
    pace = serializers.ChoiceField(choices=NoticeAddress.Pace.choices, default=NoticeAddress.Pace.AT_ONCE)
    daily_at = serializers.TimeField(required=False, allow_null=True, default=None)
    quiet_from = serializers.TimeField(required=False, allow_null=True, default=None)
    quiet_until = serializers.TimeField(required=False, allow_null=True, default=None)
    warnings_always = serializers.BooleanField(required=False, default=False)


class NoticeAddressChangeSerializer(serializers.Serializer[Any]):
    """What may be changed; what is not named stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    address = serializers.CharField(max_length=2000, write_only=True, required=False)
    kinds = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    pace = serializers.ChoiceField(choices=NoticeAddress.Pace.choices, required=False)
    daily_at = serializers.TimeField(required=False, allow_null=True)
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_until = serializers.TimeField(required=False, allow_null=True)
    warnings_always = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """One piece of news on its way to one address."""

    class Meta:
        model = Notice
        fields = ("id", "address", "kind", "subject", "url", "state", "written_at", "due_at", "attempts", "sent_at")
        read_only_fields = fields


class NoticeAddressViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Where the token's member is told besides by mail."""

    serializer_class = NoticeAddressSerializer
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "destroy", "try_it"), CHOOSE
    )

    def get_queryset(self) -> QuerySet[NoticeAddress]:
        if getattr(self, "swagger_fake_view", False):  # made for the schema: nobody asks
            return NoticeAddress.objects.none()
        return NoticeAddress.objects.filter(member=self.member).select_related("member")

    @extend_schema(request=NewNoticeAddressSerializer, responses={201: NoticeAddressSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Be told at another address."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewNoticeAddressSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_notice_address(self.member, **said.validated_data, by=self.member, at=clock.now())
        return Response(NoticeAddressSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NoticeAddressChangeSerializer, responses=NoticeAddressSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change what one is told there and when."""
        row: NoticeAddress = self.get_object()
        said = NoticeAddressChangeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        now_so = {name: getattr(row, name) for name in FIELDS}
        changed = actions.change_notice_address(row, **now_so | said.validated_data, by=self.member, at=clock.now())
        return Response(NoticeAddressSerializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Tell nothing more there."""
        actions.remove_notice_address(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def try_it(self, request: Request, pk: str | None = None) -> Response:
        """Send a test there."""
        return Response(
            NoticeSerializer(actions.try_notice_address(self.get_object(), by=self.member, at=clock.now())).data
        )
