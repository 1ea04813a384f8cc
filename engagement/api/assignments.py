"""Assignments over the API: read them, and do to them what the queue's buttons do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from engagement.actions import assignments as actions
from engagement.actions import drafts, notes, outcomes, priorities
from engagement.actions.many import MOST, VERBS, do_to_many
from engagement.api.conflicts import EngagementViewSet
from engagement.api.shapes import AssignmentSerializer, NoteSerializer, PersonSerializer
from engagement.models import Assignment, Draft, Reply, Satisfaction
from engagement.models.rules import Priority
from listening.api.searching import SEARCH_HELP, Searched
from roles import clock
from roles.keys import key_in
from roles.models import Department, Member


class VersionSerializer(serializers.Serializer[Any]):
    """The version that was read; without it the verb is done whatever happened since."""

    version = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)


class RecipientSerializer(VersionSerializer):
    """To whom: a member or a department."""

    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False, allow_null=True)
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        to = [found for name in ("member", "department") if (found := attrs.pop(name, None)) is not None]
        if len(to) != 1:
            raise serializers.ValidationError("Name one member or one department.")
        return {**attrs, "to": to[0]}


class PrioritySerializer(VersionSerializer):
    """How urgent it is: 1 is urgent, 4 is low."""

    priority = serializers.ChoiceField(choices=Priority.choices)


class UntilSerializer(VersionSerializer):
    """Until when it sleeps, or until what happens; what waits for something is back after two weeks at the latest."""

    until = serializers.DateTimeField(required=False, allow_null=True)
    wakes_on = serializers.ChoiceField(
        choices=Assignment.WakesOn.choices, required=False, allow_blank=True, default="", help_text="What wakes it."
    )


class OutcomeSerializer(VersionSerializer):
    """How it ended."""

    outcome = serializers.ChoiceField(choices=Assignment.Outcome.choices)
    look_again_in = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=actions.LONGEST_FOLLOW_UP,
        help_text="In how many days it is opened again.",
    )  # fmt: skip


class FollowUpSerializer(serializers.Serializer[Any]):
    """In how many days somebody looks again; 0 plans nothing."""

    days = serializers.IntegerField(min_value=0, max_value=actions.LONGEST_FOLLOW_UP)


class ContentSerializer(serializers.Serializer[Any]):
    """Whether the author was content; empty takes it back."""

    value = serializers.ChoiceField(choices=Satisfaction.Value.choices, allow_blank=True)


class DraftTextSerializer(serializers.Serializer[Any]):
    """What is written and not sent, and which version of the draft it was written on."""

    text = serializers.CharField(allow_blank=True, max_length=drafts.LONGEST, trim_whitespace=False)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)


class DraftSerializer(serializers.ModelSerializer[Draft]):
    """A draft; one that is shared is open to the colleagues of the assignment."""

    id = serializers.IntegerField(allow_null=True, help_text="Null where there is none yet.")
    by = PersonSerializer(allow_null=True)
    saved_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Draft
        fields = ("id", "text", "version", "by", "saved_at", "shared_at")


NO_DRAFT = {"id": None, "text": "", "version": 0, "by": None, "saved_at": None, "shared_at": None}


class ManySerializer(serializers.Serializer[Any]):
    """A verb for several assignments, with what the verb needs."""

    verb = serializers.ChoiceField(choices=list(VERBS))
    assignments = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=2**63 - 1), allow_empty=False, max_length=MOST
    )
    outcome = serializers.ChoiceField(choices=Assignment.Outcome.choices, required=False)
    wakes_on = serializers.ChoiceField(choices=Assignment.WakesOn.choices, required=False)
    until = serializers.DateTimeField(required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    member = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all(), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = {"resolve": "outcome", "hand_off": "member", "set_priority": "priority"}.get(attrs["verb"])
        if needed and needed not in attrs:
            raise serializers.ValidationError({needed: "This verb needs it."})
        return attrs


NEEDED = {
    "claim": (), "hand_off": ("to",), "snooze": ("until", "wakes_on"), "set_priority": ("priority",),
    "resolve": ("outcome",),
}  # fmt: skip


class AnswerSerializer(serializers.Serializer[Any]):
    """What became of one of several."""

    assignment = serializers.IntegerField(source="assignment.pk")
    was_done = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why it was not done.")


class NewNoteSerializer(serializers.Serializer[Any]):
    """An internal note; it never leaves the house."""

    text = serializers.CharField(max_length=notes.NOTE_LIMIT)
    to = serializers.PrimaryKeyRelatedField(
        queryset=Member.objects.all(), many=True, required=False,
        help_text="Who is told of it, beside those whom the text names with @.",
    )  # fmt: skip


def _verb(request_shape: type[serializers.Serializer[Any]], **more: Any) -> Callable[[Any], Any]:
    def decorate(method: Any) -> Any:
        return extend_schema(request=request_shape, responses=AssignmentSerializer)(
            action(detail=True, methods=["post"], **more)(method)
        )

    return decorate


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=Assignment.State.values),
            OpenApiParameter("member", str, description="A member's id, “me”, or “none” for left-overs."),
            OpenApiParameter("department", int),
            OpenApiParameter("network", str),
            OpenApiParameter("priority", int, enum=Priority.values),
            OpenApiParameter("search", str, description=SEARCH_HELP),
        ]
    )
)
class AssignmentViewSet(ListModelMixin, RetrieveModelMixin, Searched, EngagementViewSet):
    """Mentions given to members; those of the departments in which the token's member holds a position."""

    serializer_class = AssignmentSerializer
    post_path = "mention__post"
    capabilities: ClassVar[dict[str, str]] = {
        "list": "engagement.read",
        "retrieve": "engagement.read",
        "claim": "engagement.claim",
        "release": "engagement.release",
        "hand_off": "engagement.hand_off",
        "hand_back": "engagement.hand_off",
        "assign": "engagement.assign",
        "set_priority": "engagement.set_priority",
        "put_priority_back": "engagement.set_priority",
        "snooze": "engagement.snooze",
        "wake": "engagement.wake",
        "note": "engagement.note",
        "notes": "engagement.read",
        "resolve": "engagement.resolve",
        "satisfaction": "engagement.note_satisfaction",
        "follow_up": "engagement.plan_follow_up",
        "draft": "engagement.read",
        "save_draft": "engagement.reply",
        "share_draft": "engagement.share_draft",
        "keep_draft": "engagement.keep_draft",
        # Each verb asks for what it needs itself.
        "bulk": "engagement.read",
        "reopen": "engagement.reopen",
    }

    def get_queryset(self) -> QuerySet[Assignment]:
        replies = Reply.objects.select_related("by__user", "channel", "result").order_by("pk")
        rows = Assignment.objects.with_mentions().select_related("department__organization")
        rows = rows.prefetch_related(Prefetch("replies", replies), "promises")
        if getattr(self, "swagger_fake_view", False):
            return rows
        # One's own hand-off to another department can be taken back.
        rows = rows if self.action == "hand_back" else rows.visible_to(self.member)
        return self._filtered(rows) if self.action == "list" else rows

    def _filtered(self, rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
        asked = self.request.query_params
        if state := self.asked_for("state", Assignment.State.values):
            rows = rows.filter(state=state)
        if member := asked.get("member"):
            key = self.member.pk if member == "me" else key_in(member)
            if key is None and member != "none":
                raise ValidationError({"member": ["A member's id, “me” or “none”."]})
            rows = rows.filter(member=None if key is None else key)
        if department := asked.get("department"):
            if (place := key_in(department)) is None:
                raise ValidationError({"department": ["A department's id."]})
            rows = rows.filter(department_id=place)
        if network := asked.get("network"):
            rows = rows.filter(network=network)
        if priority := self.asked_for("priority", Priority.values):
            rows = rows.filter(priority=priority)
        return rows

    def _do(self, verb: Callable[..., Assignment], shape: type[serializers.Serializer[Any]]) -> Response:
        row = self.get_object()
        said = shape(data=self.request.data)
        said.is_valid(raise_exception=True)
        verb(row, **said.validated_data, by=self.member, at=clock.now())
        # Read again as a whole; what was handed off may be out of the member's sight now.
        self.action = "hand_back"
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @_verb(VersionSerializer)
    def claim(self, request: Request, pk: str | None = None) -> Response:
        """Take an assignment on oneself; 409 names the colleague who was first."""
        return self._do(actions.claim, VersionSerializer)

    @_verb(VersionSerializer)
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Give a claimed assignment back."""
        return self._do(actions.release, VersionSerializer)

    @_verb(RecipientSerializer, url_path="hand-off")
    def hand_off(self, request: Request, pk: str | None = None) -> Response:
        """Give an assignment to a colleague or another department."""
        return self._do(actions.hand_off, RecipientSerializer)

    @_verb(VersionSerializer, url_path="hand-back")
    def hand_back(self, request: Request, pk: str | None = None) -> Response:
        """Take one's own hand-off back, as long as nothing has happened since."""
        return self._do(actions.hand_back, VersionSerializer)

    @_verb(RecipientSerializer)
    def assign(self, request: Request, pk: str | None = None) -> Response:
        """Say by hand who gets it."""
        return self._do(actions.assign, RecipientSerializer)

    @_verb(PrioritySerializer, url_path="set-priority")
    def set_priority(self, request: Request, pk: str | None = None) -> Response:
        """Say how urgent it is; where another response target applies to that, it is promised anew."""
        return self._do(priorities.set_priority, PrioritySerializer)

    @_verb(VersionSerializer, url_path="put-priority-back")
    def put_priority_back(self, request: Request, pk: str | None = None) -> Response:
        """Take one's own word on how urgent it is back, as long as nothing has happened since."""
        return self._do(priorities.put_priority_back, VersionSerializer)

    @_verb(UntilSerializer)
    def snooze(self, request: Request, pk: str | None = None) -> Response:
        """Put an assignment away until a moment to come."""
        return self._do(actions.snooze, UntilSerializer)

    @_verb(VersionSerializer)
    def wake(self, request: Request, pk: str | None = None) -> Response:
        """Bring a snoozed assignment back."""
        return self._do(actions.wake, VersionSerializer)

    @_verb(OutcomeSerializer)
    def resolve(self, request: Request, pk: str | None = None) -> Response:
        """End an assignment, saying how."""
        return self._do(actions.resolve, OutcomeSerializer)

    @_verb(VersionSerializer)
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Take a resolved assignment up again."""
        return self._do(actions.reopen, VersionSerializer)

    @_verb(NewNoteSerializer)
    def note(self, request: Request, pk: str | None = None) -> Response:
        """Keep an internal note."""
        return self.once(request, lambda: self._do(notes.note, NewNoteSerializer))

    @_verb(ContentSerializer)
    def satisfaction(self, request: Request, pk: str | None = None) -> Response:
        """Note whether the author was content with what we did."""
        return self._do(outcomes.note_satisfaction, ContentSerializer)

    @_verb(FollowUpSerializer, url_path="follow-up")
    def follow_up(self, request: Request, pk: str | None = None) -> Response:
        """Open a resolved assignment again in some days, or, with 0, not any more."""
        return self._do(outcomes.plan_follow_up, FollowUpSerializer)

    def _answer_with_draft(self, row: Assignment) -> Response:
        found = drafts.draft_for(row, self.member)
        return Response(DraftSerializer(found).data if found else NO_DRAFT)

    @extend_schema(responses=DraftSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def draft(self, request: Request, pk: str | None = None) -> Response:
        """The draft that one goes on with: the one open to all, else one's own; version 0 where there is none."""
        return self._answer_with_draft(self.get_object())

    @extend_schema(request=DraftTextSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"], url_path="save-draft")
    def save_draft(self, request: Request, pk: str | None = None) -> Response:
        """Keep what is written; 409 where a colleague has written on a shared draft since the version."""
        row, said = self.get_object(), DraftTextSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        drafts.save_draft(row, **said.validated_data, by=self.member, at=clock.now())
        return self._answer_with_draft(row)

    @extend_schema(request=None, responses=DraftSerializer)
    @action(detail=True, methods=["post"], url_path="share-draft")
    def share_draft(self, request: Request, pk: str | None = None) -> Response:
        """Open one's own draft to the colleagues of the assignment."""
        row = self.get_object()
        drafts.share_draft(row, by=self.member, at=clock.now())
        return self._answer_with_draft(row)

    @extend_schema(request=None, responses=DraftSerializer)
    @action(detail=True, methods=["post"], url_path="keep-draft")
    def keep_draft(self, request: Request, pk: str | None = None) -> Response:
        """Take a shared draft back."""
        row = self.get_object()
        drafts.keep_draft(row, by=self.member, at=clock.now())
        return self._answer_with_draft(row)

    @extend_schema(request=ManySerializer, responses=AnswerSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def bulk(self, request: Request) -> Response:
        """Do a verb to several; each by its own action, with its own answer."""
        said = ManySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        verb, keys = fields.pop("verb"), fields.pop("assignments")
        if "member" in fields:
            fields["to"] = fields.pop("member")
        needed = NEEDED[verb]
        rows = Assignment.objects.with_mentions().visible_to(self.member).filter(pk__in=keys).order_by("pk")
        given = {name: fields[name] for name in needed if name in fields}
        answers = do_to_many([(row, None) for row in rows], verb=verb, by=self.member, at=clock.now(), **given)
        return Response(AnswerSerializer(answers, many=True).data)

    @extend_schema(responses=NoteSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def notes(self, request: Request, pk: str | None = None) -> Response:
        """The internal notes, the oldest first."""
        rows = self.get_object().notes.select_related("by__user")
        return Response(NoteSerializer(rows, many=True).data)
