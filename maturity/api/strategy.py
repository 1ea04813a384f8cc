"""The strategy over the API: canvases, and goals with where they stand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import strategy as actions
from maturity.evidence.asked import Asked
from maturity.goal_metrics import CHOICES
from maturity.models import Canvas, Goal, GoalFigure
from maturity.standing import Standing, standings
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Member


class CanvasSerializer(serializers.ModelSerializer[Canvas]):
    """The strategy of the whole organization, or of a department, on one page."""

    class Meta:
        model = Canvas
        fields = ("id", "department", "who", "how", "when", "where", "review_on", "changed_at", "changed_by")


class WrittenCanvasSerializer(serializers.Serializer[Any]):
    """What is to stand on it; what is not named stays."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    who = serializers.CharField(max_length=actions.LONGEST_CELL, required=False, allow_blank=True)
    how = serializers.CharField(max_length=actions.LONGEST_CELL, required=False, allow_blank=True)
    when = serializers.CharField(max_length=actions.LONGEST_CELL, required=False, allow_blank=True)
    where = serializers.CharField(max_length=actions.LONGEST_CELL, required=False, allow_blank=True)
    review_on = serializers.DateField(required=False, allow_null=True)


class CanvasViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Canvases; to write one is to create it."""

    serializer_class = CanvasSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.set_strategy",
        "create_once": "maturity.set_strategy",
    }

    def get_queryset(self) -> QuerySet[Canvas]:
        return Canvas.objects.order_by("pk")

    @extend_schema(request=WrittenCanvasSerializer, responses={201: CanvasSerializer})
    def create_row(self, request: Request) -> Response:
        """Write a canvas."""
        said = WrittenCanvasSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        whose = fields.pop("department", None) or self.member.organization
        row = actions.set_canvas(whose, **fields, by=self.member, at=clock.now())
        return Response(CanvasSerializer(row).data, status=201)


class GoalFigureSerializer(serializers.ModelSerializer[GoalFigure]):
    """What the figure was on a day."""

    class Meta:
        model = GoalFigure
        fields = ("day", "figure")


class GoalSerializer(serializers.Serializer[Any]):
    """A goal, and where it stands."""

    id = serializers.IntegerField(source="goal.pk")
    department = serializers.IntegerField(source="goal.department_id", allow_null=True)
    under = serializers.IntegerField(source="goal.under_id", allow_null=True)
    title = serializers.CharField(source="goal.title")
    metric = serializers.CharField(source="goal.metric")
    target = serializers.FloatField(source="goal.target", help_text="A share from 0 to 1, seconds, or a number.")
    owner = serializers.IntegerField(source="goal.owner_id", allow_null=True)
    reach_by = serializers.DateField(source="goal.reach_by")
    review_on = serializers.DateField(source="goal.review_on", allow_null=True)
    ended_at = serializers.DateTimeField(source="goal.ended_at", allow_null=True)
    outcome = serializers.CharField(source="goal.outcome")
    lesson = serializers.CharField(source="goal.lesson")
    began_at = serializers.FloatField(source="goal.began_at", allow_null=True)
    figure = serializers.FloatField(allow_null=True, help_text="Now, over the last four weeks, in the metric's unit.")
    is_reached = serializers.BooleanField()
    figures = GoalFigureSerializer(source="goal.figures.all", many=True, help_text="As kept every week, oldest first.")


class WrittenGoalSerializer(serializers.Serializer[Any]):
    """A goal as it is to be."""

    title = serializers.CharField(max_length=actions.LONGEST_TITLE)
    metric = serializers.ChoiceField(choices=[key for key, _label in CHOICES])
    target = serializers.FloatField(min_value=0, help_text="A share from 0 to 1, seconds, or a number.")
    owner = serializers.PrimaryKeyRelatedField(queryset=Member.objects.all())
    under = serializers.PrimaryKeyRelatedField(queryset=Goal.objects.all(), required=False, allow_null=True)
    reach_by = serializers.DateField()
    review_on = serializers.DateField(required=False, allow_null=True)


class NewGoalSerializer(WrittenGoalSerializer):
    """A goal to be set; without a department it is the whole organization's."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)


class EndSerializer(serializers.Serializer[Any]):
    """How it ended, and what was learned."""

    outcome = serializers.ChoiceField(choices=Goal.Outcome.values)
    lesson = serializers.CharField(max_length=actions.LONGEST_LESSON, required=False, allow_blank=True)


class GoalViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Goals, pursued and ended."""

    serializer_class = GoalSerializer
    http_method_names = ["get", "post", "put", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.set_strategy",
        "create_once": "maturity.set_strategy",
        "update": "maturity.set_strategy",
        "end": "maturity.set_strategy",
        "take_up": "maturity.set_strategy",
    }

    def get_queryset(self) -> QuerySet[Goal]:
        return Goal.objects.with_everything().order_by("pk")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Read where all of a page stand at once."""
        if args and (kwargs.get("many") or isinstance(args[0], Goal)):
            shown = self._standing(args[0] if kwargs.get("many") else [args[0]])
            args = (shown if kwargs.get("many") else shown[0], *args[1:])
        return super().get_serializer(*args, **kwargs)

    def _standing(self, rows: Any) -> list[Standing]:
        return standings(rows, Asked(clock.now()))

    def _shown(self, row: Goal, status: int = 200) -> Response:
        found = self._standing(self.get_queryset().filter(pk=row.pk))
        return Response(GoalSerializer(found[0]).data, status=status)

    @extend_schema(request=NewGoalSerializer, responses={201: GoalSerializer})
    def create_row(self, request: Request) -> Response:
        """Set a goal."""
        said = NewGoalSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        whose = fields.pop("department", None) or self.member.organization
        return self._shown(actions.add_goal(whose, **fields, by=self.member, at=clock.now()), 201)

    @extend_schema(request=WrittenGoalSerializer, responses=GoalSerializer)
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Say it otherwise."""
        row, said = self.get_object(), WrittenGoalSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return self._shown(actions.change_goal(row, **said.validated_data, by=self.member, at=clock.now()))

    @extend_schema(request=EndSerializer, responses=GoalSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        """Pursue it no longer."""
        row, said = self.get_object(), EndSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return self._shown(actions.end_goal(row, **said.validated_data, by=self.member, at=clock.now()))

    @extend_schema(request=None, responses=GoalSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Pursue it again."""
        return self._shown(actions.take_up_goal(self.get_object(), by=self.member, at=clock.now()))
