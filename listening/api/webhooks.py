"""Webhooks over the API; a secret is in the answer that made it, and in no other."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import webhooks as actions
from listening.api.translated import TranslatedField
from listening.models import InboundWebhook, OutboundEvent, OutboundWebhook
from listening.networks.webhook.mapping import FIELDS
from listening.webhooks.telling import EVENTS
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department

MANAGE = "listening.manage_webhooks"


class InboundWebhookSerializer(serializers.ModelSerializer[InboundWebhook]):
    """An address that a program sends posts to: POST to `/hooks/<key>/`."""

    name = serializers.CharField(source="source.name", read_only=True)

    class Meta:
        model = InboundWebhook
        fields: tuple[str, ...] = (
            "id",
            "name",
            "source",
            "key",
            "is_signed",
            "mapping",
            "last_body_at",
            "forged",
            "created_at",
        )
        read_only_fields = fields


class NewInboundWebhookSerializer(serializers.Serializer[Any]):
    """What sends posts, and for whom."""

    name = serializers.CharField(max_length=120)
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), required=False, allow_null=True, default=None
    )
    is_internal = serializers.BooleanField(required=False, default=False)
    is_signed = serializers.BooleanField(required=False, default=True)


class MadeInboundWebhookSerializer(InboundWebhookSerializer):
    """The same with its secret, this once."""

    secret = serializers.CharField()

    class Meta(InboundWebhookSerializer.Meta):
        fields = (*InboundWebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class MappingSerializer(serializers.Serializer[Any]):
    """Expressions (JMESPath) by what they find; what is not named stays as it is."""

    mapping = serializers.DictField(child=serializers.CharField(allow_blank=True), help_text=", ".join(FIELDS))


class ReadAgainSerializer(serializers.Serializer[Any]):
    """How many messages are read once more."""

    messages = serializers.IntegerField(read_only=True)


class InboundWebhookViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Programs that send us posts."""

    serializer_class = InboundWebhookSerializer
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "renew_secret", "read_again"), MANAGE
    )

    def get_queryset(self) -> QuerySet[InboundWebhook]:
        return InboundWebhook.objects.select_related("source__department")

    @extend_schema(request=NewInboundWebhookSerializer, responses={201: MadeInboundWebhookSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open an address that a program can send to."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewInboundWebhookSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row, secret = actions.add_inbound_webhook(**said.validated_data, by=self.member, at=clock.now())
        return Response({**InboundWebhookSerializer(row).data, "secret": secret}, status=status.HTTP_201_CREATED)

    @extend_schema(request=MappingSerializer, responses=InboundWebhookSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Say where each thing stands in what the program sends."""
        row: InboundWebhook = self.get_object()
        said = MappingSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.map_inbound_webhook(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(InboundWebhookSerializer(row).data)

    @extend_schema(request=None, responses=MadeInboundWebhookSerializer)
    @action(detail=True, methods=["post"], url_path="renew-secret")
    def renew_secret(self, request: Request, pk: str | None = None) -> Response:
        """Make another secret; the one before is accepted for a day."""
        row, secret = actions.renew_inbound_secret(self.get_object(), by=self.member, at=clock.now())
        return Response({**InboundWebhookSerializer(row).data, "secret": secret})

    @extend_schema(request=None, responses=ReadAgainSerializer)
    @action(detail=True, methods=["post"], url_path="read-again")
    def read_again(self, request: Request, pk: str | None = None) -> Response:
        """Read once more what could not be read, as the mapping reads it now."""
        found = actions.read_again(self.get_object(), by=self.member, at=clock.now())
        return Response(ReadAgainSerializer({"messages": found}).data)


class OutboundWebhookSerializer(serializers.ModelSerializer[OutboundWebhook]):
    """An address that is told what happens here."""

    off_reason = TranslatedField(read_only=True)

    class Meta:
        model = OutboundWebhook
        fields: tuple[str, ...] = ("id", "name", "url", "events", "is_active", "off_reason", "created_at")
        read_only_fields = fields


class NewOutboundWebhookSerializer(serializers.Serializer[Any]):
    """Who is told what."""

    name = serializers.CharField(max_length=120)
    url = serializers.CharField(max_length=2000)
    events = serializers.ListField(child=serializers.CharField(max_length=60), help_text=", ".join(EVENTS))


class OutboundWebhookChangeSerializer(serializers.Serializer[Any]):
    """What may be changed."""

    name = serializers.CharField(max_length=120, required=False)
    url = serializers.CharField(max_length=2000, required=False)
    events = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    is_active = serializers.BooleanField(required=False)


class MadeOutboundWebhookSerializer(OutboundWebhookSerializer):
    """The same with its secret, this once."""

    secret = serializers.CharField()

    class Meta(OutboundWebhookSerializer.Meta):
        fields = (*OutboundWebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class OutboundEventSerializer(serializers.ModelSerializer[OutboundEvent]):
    """One thing that was told, or is to be, and how that went."""

    problem = TranslatedField(read_only=True)

    class Meta:
        model = OutboundEvent
        fields = (
            "id", "webhook", "key", "kind", "payload", "state", "happened_at", "next_attempt_at", "attempts",
            "taken_at", "status", "problem",
        )  # fmt: skip
        read_only_fields = fields


class OutboundWebhookViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Programs that are told what happens here."""

    serializer_class = OutboundWebhookSerializer
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "destroy", "renew_secret", "try_it"), MANAGE
    )

    def get_queryset(self) -> QuerySet[OutboundWebhook]:
        return OutboundWebhook.objects.all()

    @extend_schema(request=NewOutboundWebhookSerializer, responses={201: MadeOutboundWebhookSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tell an address what happens here from now on."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewOutboundWebhookSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row, secret = actions.add_outbound_webhook(**said.validated_data, by=self.member, at=clock.now())
        return Response({**OutboundWebhookSerializer(row).data, "secret": secret}, status=status.HTTP_201_CREATED)

    @extend_schema(request=OutboundWebhookChangeSerializer, responses=OutboundWebhookSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change what is told and whither."""
        row: OutboundWebhook = self.get_object()
        said = OutboundWebhookChangeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        now_so = {name: getattr(row, name) for name in ("name", "url", "events", "is_active")}
        changed = actions.change_outbound_webhook(row, **now_so | said.validated_data, by=self.member, at=clock.now())
        return Response(OutboundWebhookSerializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Tell it nothing more."""
        actions.remove_outbound_webhook(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=MadeOutboundWebhookSerializer)
    @action(detail=True, methods=["post"], url_path="renew-secret")
    def renew_secret(self, request: Request, pk: str | None = None) -> Response:
        """Sign with another secret from now on; for a day the one before signs beside it."""
        row, secret = actions.renew_outbound_secret(self.get_object(), by=self.member, at=clock.now())
        return Response({**OutboundWebhookSerializer(row).data, "secret": secret})

    @extend_schema(request=None, responses=OutboundEventSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def try_it(self, request: Request, pk: str | None = None) -> Response:
        """Send a test event."""
        event = actions.try_webhook(self.get_object(), by=self.member, at=clock.now())
        return Response(OutboundEventSerializer(event).data)


class OutboundEventViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """The log of what was told, the newest first."""

    serializer_class = OutboundEventSerializer
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(("list", "retrieve", "again"), MANAGE)

    def get_queryset(self) -> QuerySet[OutboundEvent]:
        return OutboundEvent.objects.select_related("webhook")

    @extend_schema(request=None, responses=OutboundEventSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: str | None = None) -> Response:
        """Try an event once more."""
        event = actions.tell_again(self.get_object(), by=self.member, at=clock.now())
        return Response(OutboundEventSerializer(event).data)
