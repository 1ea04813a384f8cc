"""Connections over the API: what can be connected, connecting by typed ways, ending. Secrets go in, never out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import connections as actions
from listening.api.translated import TranslatedField
from listening.connections.money import charge_of, thousandths_of
from listening.connections.words import connectable
from listening.models import Connection, RateLimit
from listening.translating import translated
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class RateLimitSerializer(serializers.ModelSerializer[RateLimit]):
    """What was left of a limit when it was told last; calls since then are taken off."""

    class Meta:
        model = RateLimit
        fields = ("bucket", "policy", "most", "remaining", "is_share", "resets_at", "closed_until", "told_at")
        read_only_fields = fields


class ChargeSerializer(serializers.Serializer[Any]):
    """What calls cost at most, and what is left for them this month, in US dollars as they are written."""

    prices = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    left = serializers.CharField()
    most = serializers.CharField()


class TextLimitsSerializer(serializers.Serializer[Any]):
    """How long an answer may be, as the server of this account told."""

    text = serializers.IntegerField(allow_null=True, help_text="Characters, in `unit`; null where there is no limit.")
    link = serializers.IntegerField(allow_null=True, help_text="What every link counts; null: its own length.")
    least = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=["graphemes", "utf-16", "bytes", "weighted"])
    bytes = serializers.IntegerField(allow_null=True)
    short_people = serializers.BooleanField(help_text="Whether who is named counts without their server.")


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """How the organization is known at a network, how that fares, and what goes through it."""

    problem = TranslatedField(read_only=True)
    channels: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    sources: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    rates = RateLimitSerializer(many=True, read_only=True)
    text_limits = TextLimitsSerializer(read_only=True)
    offered = serializers.SerializerMethodField(help_text="Places that it can listen to, each with what it is called.")
    charge = serializers.SerializerMethodField(help_text="Null where the network takes no money by the call.")

    @extend_schema_field(serializers.ListField(child=serializers.ListField(child=serializers.CharField())))
    def get_offered(self, row: Connection) -> list[list[str]]:
        # A place is what one asks for, and the same for everybody; its label is for reading.
        return [[place, translated(label)] for place, label in row.offered]

    @extend_schema_field(ChargeSerializer(allow_null=True))
    def get_charge(self, row: Connection) -> Any:
        found = charge_of(row, at=clock.now())
        return ChargeSerializer(found).data if found is not None else None

    class Meta:
        model = Connection
        fields = (
            "id", "network", "server", "way", "name", "account_id", "handle", "account_name", "account_url", "state",
            "problem", "offered", "checked_at", "check_due_at", "renew_due_at", "expires_at", "created_at", "channels",
            "sources", "rates", "text_limits", "charge",
        )  # fmt: skip
        read_only_fields = fields


class FilledSerializer(serializers.Serializer[Any]):
    """What is typed for what a way asks, by name."""

    way = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    filled = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=actions.LONGEST_TYPED, trim_whitespace=False),
        write_only=True,
        help_text="By the names that the way asks for; nothing of it is ever given back.",
    )


class NewConnectionSerializer(FilledSerializer):
    """A network, a way to connect it, and what that asks for."""

    network = serializers.CharField(max_length=40)
    way = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    speaks = serializers.BooleanField(default=True, help_text="Make it an account to answer from.")
    listens = serializers.BooleanField(default=True, help_text="Make sources of the places that it offers.")
    budget = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=Decimal(0), required=False,
        help_text="US dollars in a month, at networks that take money by the call. Without it nothing is spent.",
    )  # fmt: skip


class BudgetSerializer(serializers.Serializer[Any]):
    """What may be spent in a month, in US dollars."""

    budget = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=Decimal(0))


class ConnectionNameSerializer(serializers.Serializer[Any]):
    """What a connection is called here."""

    name = serializers.CharField(max_length=200)


class UseSerializer(serializers.Serializer[Any]):
    """What goes through a connection from now on."""

    speaks = serializers.BooleanField(default=False)
    places = serializers.ListField(
        child=serializers.CharField(max_length=2000), required=False, default=list, help_text="Places that it offers."
    )


class AskedSerializer(serializers.Serializer[Any]):
    """One thing that a way asks for."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    kind = serializers.ChoiceField(choices=["text", "address", "secret"])
    is_required = serializers.BooleanField()
    initial = serializers.CharField()


class WaySerializer(serializers.Serializer[Any]):
    """One way to connect; a way that signs in leads through a browser."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    signs_in = serializers.BooleanField()
    steps = serializers.ListField(child=serializers.CharField())
    asked = AskedSerializer(many=True)


class OfferSerializer(serializers.Serializer[Any]):
    """How a network is connected, what it costs, whose approval it needs."""

    about = serializers.CharField()
    costs = serializers.CharField()
    approval = serializers.CharField()
    ways = WaySerializer(many=True)


class NetworkSerializer(serializers.Serializer[Any]):
    """An installed network, and what it can do, in words; without an offer it needs no connection."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    can = serializers.ListField(child=serializers.CharField())
    offer = OfferSerializer(allow_null=True)
    prices = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text="What each thing costs, where it does."
    )


class NetworkViewSet(ApiViewSet):
    """What can be connected."""

    serializer_class = NetworkSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {"list": "listening.manage_connections"}

    @extend_schema(responses=NetworkSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """Every installed network, what it can do, and how it is connected."""
        return Response(NetworkSerializer(connectable(), many=True).data)


class ConnectionViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """How the organization is known at networks."""

    serializer_class = ConnectionSerializer
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update", "destroy", "check", "reconnect", "use", "budget"),
        "listening.manage_connections",
    )

    def get_queryset(self) -> QuerySet[Connection]:
        return Connection.objects.prefetch_related("channels", "sources", "rates")

    @extend_schema(request=NewConnectionSerializer, responses={201: ConnectionSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Connect by a way that asks for keys; a way that signs in needs a browser, and is refused here."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewConnectionSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        wishes = {**said.validated_data, "budget": thousandths_of(said.validated_data.get("budget"))}
        row = actions.connect(active_organization(), **wishes, by=self.member, at=clock.now())
        return Response(self._shown(row), status=status.HTTP_201_CREATED)

    @extend_schema(request=ConnectionNameSerializer, responses=ConnectionSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Call it something else here."""
        row = self.get_object()
        said = ConnectionNameSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return Response(
            self._shown(actions.rename_connection(row, **said.validated_data, by=self.member, at=clock.now()))
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Disconnect: the credentials are forgotten, what goes through it stops."""
        actions.disconnect(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str | None = None) -> Response:
        """Ask the network now whether the credentials still work."""
        return Response(self._shown(actions.check_connection(self.get_object(), by=self.member, at=clock.now())))

    @extend_schema(request=FilledSerializer, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def reconnect(self, request: Request, pk: str | None = None) -> Response:
        """Connect the same account again with new credentials."""
        row = self.get_object()
        said = FilledSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return Response(self._shown(actions.reconnect(row, **said.validated_data, by=self.member, at=clock.now())))

    @extend_schema(request=UseSerializer, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str | None = None) -> Response:
        """Answer as its account, and listen to places that it offers."""
        row = self.get_object()
        said = UseSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return Response(self._shown(actions.use_connection(row, **said.validated_data, by=self.member, at=clock.now())))

    @extend_schema(request=BudgetSerializer, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def budget(self, request: Request, pk: str | None = None) -> Response:
        """Say what may be spent in a month."""
        row = self.get_object()
        said = BudgetSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        sum_ = thousandths_of(said.validated_data["budget"]) or 0
        return Response(self._shown(actions.set_budget(row, budget=sum_, by=self.member, at=clock.now())))

    def _shown(self, row: Connection) -> Any:
        return ConnectionSerializer(self.get_queryset().get(pk=row.pk)).data
