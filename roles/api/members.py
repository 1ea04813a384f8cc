"""Members over the API: who is here and in which positions, and their absence."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions.handover import hand_over_everything
from roles.actions.member_files import import_members
from roles.actions.people import (
    Block,
    come_back,
    go_away,
    reactivate_member,
    set_on_call,
    set_time_blocks,
    set_training,
)
from roles.api.views import ApiViewSet
from roles.belongings import belongings
from roles.member_files import Unreadable, read
from roles.models import Department, Member, Position, TimeBlock
from roles.permissions import require
from roles.tenancy import active_organization


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    """A department by name."""

    class Meta:
        model = Department
        fields = ("id", "name")


class PositionSerializer(serializers.ModelSerializer[Position]):
    """What a member does in a department, or, without one, in the whole organization."""

    department = DepartmentSerializer(allow_null=True)
    title = serializers.CharField(help_text="What the role is called, also where it was composed here.")

    class Meta:
        model = Position
        fields = ("id", "role", "custom_role", "title", "department", "skills", "languages", "capacity", "ends_at")


class TimeBlockSerializer(serializers.ModelSerializer[TimeBlock]):
    """Hours of a weekday (0 is Monday) for an activity; an end at or before the beginning is the next day."""

    class Meta:
        model = TimeBlock
        fields = ("weekday", "begins", "ends", "activity", "since")
        read_only_fields = ("since",)


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member with positions and presence."""

    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    is_here = serializers.SerializerMethodField(help_text="Whether it is also one of their hours.")
    time_blocks = TimeBlockSerializer(many=True, read_only=True)
    is_available = serializers.SerializerMethodField(help_text="Whether work is given to them at this moment.")
    positions = PositionSerializer(many=True)

    class Meta:
        model = Member
        fields = ("id", "name", "email", "is_active", "is_away", "away_until", "is_available", "is_here", "time_blocks",
                  "is_on_call", "stand_in", "training_until", "joined_at", "positions")  # fmt: skip

    def get_is_here(self, member: Member) -> bool:
        return member.is_here(clock.now())

    def get_is_available(self, member: Member) -> bool:
        return member.is_available(clock.now())


class AwaySerializer(serializers.Serializer[Any]):
    """Until when; without it, until further notice."""

    until = serializers.DateTimeField(required=False, allow_null=True)
    stand_in = serializers.PrimaryKeyRelatedField(
        queryset=Member.objects.none(), required=False, allow_null=True, help_text="Who gets meanwhile what is theirs."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].queryset = Member.objects.active()  # type: ignore[attr-defined]


class MemberFileSerializer(serializers.Serializer[Any]):
    """The text of a CSV file whose first line names the columns; see the guide to the team."""

    csv = serializers.CharField(trim_whitespace=False)
    dry_run = serializers.BooleanField(default=True)


class ImportOutcomeSerializer(serializers.Serializer[Any]):
    """What one line does."""

    line = serializers.IntegerField(source="line.number")
    email = serializers.CharField(source="line.email")
    position = serializers.CharField(source="line.position")
    does = serializers.ChoiceField(choices=["invite", "give", "change", "nothing", "problem"])
    said = serializers.CharField()
    link = serializers.CharField(help_text="Where somebody was invited: the link that lets them in, this once.")


class ImportReportSerializer(serializers.Serializer[Any]):
    """What a file does, line by line, and whether it was written."""

    is_written = serializers.BooleanField()
    outcomes = ImportOutcomeSerializer(many=True)


class ThingsSerializer(serializers.Serializer[Any]):
    """A kind of thing that a member has."""

    kind = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField(help_text="At most one more than 200.")
    needs_somebody = serializers.BooleanField(help_text="Whether somebody must be named who gets them.")


class HandOverSerializer(serializers.Serializer[Any]):
    """To whom each kind goes, by key of the member; null where nobody is named."""

    to = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    leaves = serializers.BooleanField(required=False, default=False)


# How many of each kind were passed on.
HANDED_OVER = {"type": "object", "additionalProperties": {"type": "integer"}}


class TrainingSerializer(serializers.Serializer[Any]):
    """Until which day; null ends it."""

    until = serializers.DateField(allow_null=True)


class OnCallSerializer(serializers.Serializer[Any]):
    """Whether a coach is on call."""

    is_on_call = serializers.BooleanField()


class MemberViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """The people of the organization."""

    serializer_class = MemberSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "away": "roles.set_availability",
        "here": "roles.set_availability",
        "time_blocks": "roles.set_availability",
        "on_call": "roles.set_on_call",
        "reactivate": "roles.manage_members",
        "training": "roles.set_training",
        "import_members": "roles.import_members",
        "belongings": "roles.hand_over",
        "hand_over": "roles.hand_over",
    }

    def get_queryset(self) -> QuerySet[Member]:
        return Member.objects.with_positions().prefetch_related("time_blocks")

    @extend_schema(request=TrainingSerializer, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def training(self, request: Request, pk: str | None = None) -> Response:
        """Say until which day the member is in training: until then their replies need somebody else's yes."""
        member = self.get_object()
        said = TrainingSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        set_training(member, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=OnCallSerializer, responses=MemberSerializer)
    @action(detail=True, methods=["post"], url_path="on-call")
    def on_call(self, request: Request, pk: str | None = None) -> Response:
        """Say whether a warning reaches this coach first."""
        member = self.get_object()
        said = OnCallSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        set_on_call(member, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=MemberSerializer)
    @action(detail=True, methods=["post"], url_path="return")
    def reactivate(self, request: Request, pk: str | None = None) -> Response:
        """Let a member who left return to the positions that they held."""
        reactivate_member(self.get_object(), by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=MemberFileSerializer, responses=ImportReportSerializer)
    @action(detail=False, methods=["post"], url_path="import", pagination_class=None)
    def import_members(self, request: Request) -> Response:
        """Take members over from the text of a CSV file; by default it is only tried, and nothing is written."""
        said = MemberFileSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            lines = read(said.validated_data["csv"])
        except Unreadable as problem:
            raise serializers.ValidationError({"csv": str(problem)}) from problem
        is_trial = said.validated_data["dry_run"]
        report = import_members(active_organization(), lines=lines, is_trial=is_trial, by=self.member, at=clock.now())
        return Response(ImportReportSerializer(report).data)

    @extend_schema(responses=ThingsSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def belongings(self, request: Request, pk: str | None = None) -> Response:
        """What the member has that must not stay with nobody."""
        member = self.get_object()
        require(self.member, "roles.hand_over", member)
        found = ((kind, len(kind.things(member))) for kind in belongings())
        rows = [
            {"kind": kind.name, "title": str(kind.title), "count": count, "needs_somebody": not kind.with_nobody}
            for kind, count in found
            if count
        ]
        return Response(rows)

    @extend_schema(request=HandOverSerializer, responses={200: HANDED_OVER})
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str | None = None) -> Response:
        """Pass on what the member has, each kind to whom it is said, all of it or nothing; then they may leave."""
        member, said = self.get_object(), HandOverSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        wanted = said.validated_data.pop("to")
        people = Member.objects.with_positions().in_bulk([key for key in wanted.values() if key is not None])
        if missing := {key for key in wanted.values() if key is not None} - people.keys():
            raise serializers.ValidationError({"to": _("There is no member %(key)s.") % {"key": min(missing)}})
        to = {name: people[key] if key is not None else None for name, key in wanted.items()}
        return Response(hand_over_everything(member, to=to, **said.validated_data, by=self.member, at=clock.now()))

    @extend_schema(request=AwaySerializer, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def away(self, request: Request, pk: str | None = None) -> Response:
        """Say that the member is away, until a time or until further notice."""
        member = self.get_object()
        said = AwaySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        go_away(member, **said.validated_data, by=self.member, at=clock.now())
        return Response(self.get_serializer(member).data)

    @extend_schema(request=None, responses=MemberSerializer)
    @action(detail=True, methods=["post"])
    def here(self, request: Request, pk: str | None = None) -> Response:
        """Say that the member is here again."""
        member = self.get_object()
        come_back(member, by=self.member, at=clock.now())
        return Response(self.get_serializer(member).data)

    @extend_schema(request=TimeBlockSerializer(many=True), responses=TimeBlockSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="time-blocks", pagination_class=None)
    def time_blocks(self, request: Request, pk: str | None = None) -> Response:
        """Say in which hours of the week the member does what; with none for responding they answer when not away."""
        member = self.get_object()
        said = TimeBlockSerializer(data=request.data, many=True)
        said.is_valid(raise_exception=True)
        blocks = [Block(**row) for row in said.validated_data]
        set_time_blocks(member, blocks=blocks, by=self.member, at=clock.now())
        return Response(TimeBlockSerializer(TimeBlock.objects.filter(member=member), many=True).data)


def register(router: BaseRouter) -> None:
    """Add members to the API."""
    router.register("members", MemberViewSet, basename="member")
