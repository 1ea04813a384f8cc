"""Drills for programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import drills as actions
from maturity.drilling import Fate, by_person, comes_to_nobody, fates, score_of
from maturity.models import Drill, DrillLine
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class DrillSerializer(serializers.ModelSerializer[Drill]):
    """A drill and how fast it is said."""

    class Meta:
        model = Drill
        fields = ("id", "title", "seconds_between", "minutes", "state", "started_at", "ended_at")
        read_only_fields = fields


class NewDrillSerializer(serializers.Serializer[Any]):
    """Questions that want an answer, and lines that only pass by; “{us}” is the name on the practice field."""

    title = serializers.CharField(max_length=120)
    questions = serializers.ListField(child=serializers.CharField())
    passing = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    seconds_between = serializers.ChoiceField(choices=Drill.Pace.choices, default=Drill.Pace.THIRTY)
    minutes = serializers.IntegerField(default=10, min_value=1, max_value=240)


class PaceSerializer(serializers.Serializer[Any]):
    """How fast it is said."""

    seconds_between = serializers.ChoiceField(choices=Drill.Pace.choices)


class JudgedSerializer(serializers.Serializer[Any]):
    """Whether the answer to a line is as the guidelines say; null takes it back."""

    line = serializers.IntegerField()
    is_kept = serializers.BooleanField(allow_null=True)


class ScoreSerializer(serializers.Serializer[Any]):
    """What lines come to; `good`: answered in time, once, and as the guidelines say; `share`: these of all."""

    asked = serializers.IntegerField()
    found = serializers.IntegerField()
    routed = serializers.IntegerField()
    answered = serializers.IntegerField()
    in_time = serializers.IntegerField()
    twice = serializers.IntegerField()
    kept = serializers.IntegerField()
    unjudged = serializers.IntegerField()
    needless = serializers.IntegerField(help_text="Lines that only passed by, and were answered.")
    good = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class LineSerializer(serializers.Serializer[Any]):
    """What became of one line that was said."""

    line = serializers.IntegerField(source="line.pk")
    text = serializers.CharField(source="line.text")
    wants_answer = serializers.BooleanField(source="line.wants_answer")
    mention = serializers.IntegerField(source="mention_id", allow_null=True)
    assignment = serializers.IntegerField(source="assignment.pk", default=None, allow_null=True)
    answered_by = serializers.IntegerField(source="answer.by_id", default=None, allow_null=True)
    answered_after_seconds = serializers.FloatField(source="answered_after", allow_null=True)
    answers = serializers.SerializerMethodField()
    is_kept = serializers.BooleanField(source="line.is_kept", allow_null=True)

    def get_answers(self, fate: Fate) -> int:
        return len(fate.replies)


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody who answered, and what their answers come to."""

    member = serializers.IntegerField(source="member.pk")
    score = ScoreSerializer()


class DrillScoreSerializer(serializers.Serializer[Any]):
    """What a drill comes to, for whom, and line by line."""

    score = ScoreSerializer()
    comes_to_nobody = serializers.CharField(help_text="Why nobody is given the questions; empty where somebody is.")
    people = PersonSerializer(many=True)
    lines = LineSerializer(many=True)


class DrillViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Lines said on the practice field, worked in the real queue, and scored."""

    serializer_class = DrillSerializer
    http_method_names = ["get", "post", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "list", "retrieve", "create", "create_once", "destroy", "repeat_drill", "start_drill", "stop_drill",
            "judge_answer", "score",
        ),
        "maturity.run_drills",
    )  # fmt: skip

    def get_queryset(self) -> QuerySet[Drill]:
        return Drill.objects.all()

    @extend_schema(request=NewDrillSerializer, responses={201: DrillSerializer})
    def create_row(self, request: Request) -> Response:
        """Write a drill."""
        said = NewDrillSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.write_drill(active_organization(), **said.validated_data, by=self.member, at=clock.now())
        return Response(DrillSerializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove a drill that was never started."""
        actions.drop_drill(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=PaceSerializer, responses={201: DrillSerializer})
    @action(detail=True, methods=["post"], url_path="repeat")
    def repeat_drill(self, request: Request, pk: str | None = None) -> Response:
        """Have the same lines ready again."""
        found, said = self.get_object(), PaceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.repeat_drill(found, **said.validated_data, by=self.member, at=clock.now())
        return Response(DrillSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=DrillSerializer)
    @action(detail=True, methods=["post"], url_path="start")
    def start_drill(self, request: Request, pk: str | None = None) -> Response:
        """Let the first line be said."""
        row = actions.start_drill(self.get_object(), by=self.member, at=clock.now())
        return Response(DrillSerializer(row).data)

    @extend_schema(request=None, responses=DrillSerializer)
    @action(detail=True, methods=["post"], url_path="stop")
    def stop_drill(self, request: Request, pk: str | None = None) -> Response:
        """End it now."""
        row = actions.stop_drill(self.get_object(), by=self.member, at=clock.now())
        return Response(DrillSerializer(row).data)

    @extend_schema(request=JudgedSerializer, responses=DrillSerializer)
    @action(detail=True, methods=["post"], url_path="judge-answer")
    def judge_answer(self, request: Request, pk: str | None = None) -> Response:
        """Say whether an answer is as the guidelines say."""
        row, said = self.get_object(), JudgedSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        line = get_object_or_404(DrillLine, pk=said.validated_data["line"])
        is_kept = said.validated_data["is_kept"]
        actions.judge_answer(row, line=line, is_kept=is_kept, by=self.member, at=clock.now())
        return Response(DrillSerializer(row).data)

    @extend_schema(responses=DrillScoreSerializer)
    @action(detail=True, methods=["get"])
    def score(self, request: Request, pk: str | None = None) -> Response:
        """What became of each line, what it comes to, and for whom."""
        row = self.get_object()
        lines = fates([row])[row.pk]
        people = [{"member": member, "score": score} for member, score in by_person(lines)]
        nobody = comes_to_nobody()
        why = nobody.reason if nobody is not None else ""
        said = {"score": score_of(lines), "comes_to_nobody": why, "people": people, "lines": lines}
        return Response(DrillScoreSerializer(said).data)
