"""Learned models over the API: what judges now, how well, and going back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions import learned_models as actions
from listening.models import LearnedModel
from roles import clock
from roles.api.views import ApiViewSet


class LearnedModelSerializer(serializers.ModelSerializer[LearnedModel]):
    """A model that was trained from what the organization's people said."""

    evaluation = serializers.JSONField(
        read_only=True, help_text="On what was held back: quality, accuracy, rows, confusion, and what it was to beat."
    )

    class Meta:
        model = LearnedModel
        fields = (
            "id", "kind", "language", "version", "state", "begun_at", "trained_at", "since_at", "examples", "held_back",
            "learned_until", "evaluation", "reason", "by",
        )  # fmt: skip
        read_only_fields = fields


class WhySerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=300)


class LearnedModelViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What the machine knows."""

    serializer_class = LearnedModelSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read_sources",
        "retrieve": "listening.read_sources",
        "go_back": "listening.manage_models",
        "switch_off": "listening.manage_models",
    }

    def get_queryset(self) -> QuerySet[LearnedModel]:
        return LearnedModel.objects.without_content()

    @extend_schema(request=WhySerializer, responses=LearnedModelSerializer)
    @action(detail=True, methods=["post"], url_path="go-back")
    def go_back(self, request: Request, pk: str | None = None) -> Response:
        """Let it judge again; only the last few that judged before are kept."""
        return self._decide(request, actions.go_back_to_model)

    @extend_schema(request=WhySerializer, responses=LearnedModelSerializer)
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, pk: str | None = None) -> Response:
        """Let it judge no more, until a better one is trained."""
        return self._decide(request, actions.switch_off_model)

    def _decide(self, request: Request, verb: Any) -> Response:
        row = self.get_object()
        said = WhySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        verb(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(LearnedModelSerializer(self.get_object()).data)
