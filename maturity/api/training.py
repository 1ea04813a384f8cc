"""Training for programs: paths, and how far each person is."""

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

from maturity.actions import training as actions
from maturity.models import Drill, GuidelineSection, Training, TrainingPath, TrainingStep
from maturity.training_steps import DoneSteps, done_steps
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import CustomRole, Department, Organization, Role
from roles.tenancy import active_organization


class TrainingStepSerializer(serializers.ModelSerializer[TrainingStep]):
    """One thing to do on a path."""

    class Meta:
        model = TrainingStep
        fields = ("id", "kind", "title", "url", "section")
        read_only_fields = ("id",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["section"]
        field.queryset = GuidelineSection.objects.all() if not getattr(self, "swagger_fake_view", False) else []


class TrainingPathSerializer(serializers.ModelSerializer[TrainingPath]):
    """What everybody in a role must know, by when, and when again."""

    steps = TrainingStepSerializer(many=True)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True, default="")

    class Meta:
        model = TrainingPath
        fields = (
            "id", "name", "role", "custom_role", "department", "due_days", "renew_months", "holds_replies", "steps",
        )  # fmt: skip
        read_only_fields = ("id",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("custom_role", CustomRole.objects), ("department", Department.objects)):
            field: Any = self.fields[name]
            field.queryset = rows.all() if not getattr(self, "swagger_fake_view", False) else rows.none()


class TrainingSerializer(serializers.ModelSerializer[Training]):
    """One person on one path."""

    done = serializers.SerializerMethodField(help_text="Keys of the steps that are done.")

    class Meta:
        model = Training
        fields = ("id", "path", "member", "round", "started_at", "due_on", "finished_at", "renews_on", "done")
        read_only_fields = fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: DoneSteps = {}

    def get_done(self, training: Training) -> list[int]:
        known = self._known
        if training.pk not in known:
            # Of a list all at once.
            rows = getattr(self.parent, "instance", None)
            known |= done_steps(rows if isinstance(rows, list) else [training])
        return sorted(known[training.pk])


class StepSerializer(serializers.Serializer[Any]):
    """Which step."""

    step = serializers.IntegerField()
    drill = serializers.PrimaryKeyRelatedField(
        queryset=Drill.objects.all(), required=False, allow_null=True, default=None,
        help_text="By whose score a drill is confirmed.",
    )  # fmt: skip
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class TrainingPathViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Training paths."""

    serializer_class = TrainingPathSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.manage_training",
        "create_once": "maturity.manage_training",
        "update": "maturity.manage_training",
        "destroy": "maturity.manage_training",
    }

    def get_queryset(self) -> QuerySet[TrainingPath]:
        return TrainingPath.objects.filter(retired_at=None).prefetch_related("steps")

    def create_row(self, request: Request) -> Response:
        """Write a path; it is asked at once of whom it concerns."""
        path = self._write(active_organization(), request)
        return Response(self.get_serializer(path).data, status=status.HTTP_201_CREATED)

    def update(self, request: Request, pk: str | None = None) -> Response:
        """Change a path; steps that stay as they were stay done."""
        self._write(self.get_object(), request)
        return Response(self.get_serializer(self.get_object()).data)

    def _write(self, where: Organization | TrainingPath, request: Request) -> TrainingPath:
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        asked = [
            (step["kind"], step["title"], step.get("url", ""), step.get("section")) for step in fields.pop("steps")
        ]
        steps = [actions.Asked(*step) for step in asked]
        return actions.write_path(where, steps=steps, **fields, by=self.member, at=clock.now())

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Ask a path of nobody any more."""
        actions.retire_path(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrainingViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """How far each person is."""

    serializer_class = TrainingSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.confirm_step",
        "retrieve": "maturity.confirm_step",
        "take_step": "maturity.take_step",
        "confirm_step": "maturity.confirm_step",
    }

    def get_queryset(self) -> QuerySet[Training]:
        return Training.objects.filter(ended_at=None).with_steps()

    @extend_schema(request=StepSerializer, responses=TrainingSerializer)
    @action(detail=True, methods=["post"], url_path="take-step")
    def take_step(self, request: Request, pk: str | None = None) -> Response:
        """Say of oneself that a step is done."""
        row, said = self.get_object(), self._said(request)
        step = get_object_or_404(TrainingStep, pk=said["step"])
        actions.take_step(row, step=step, by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=StepSerializer, responses=TrainingSerializer)
    @action(detail=True, methods=["post"], url_path="confirm-step")
    def confirm_step(self, request: Request, pk: str | None = None) -> Response:
        """Confirm a step of somebody else."""
        row, said = self.get_object(), self._said(request)
        step = get_object_or_404(TrainingStep, pk=said["step"])
        actions.confirm_step(row, step=step, note=said["note"], drill=said["drill"], by=self.member, at=clock.now())
        return Response(self.get_serializer(self.get_object()).data)

    @staticmethod
    def _said(request: Request) -> dict[str, Any]:
        said = StepSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return dict(said.validated_data)
