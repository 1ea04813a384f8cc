"""Levels over the API: where the whole and each department stand, what is not open there, and a coach's change."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions.levels import set_level
from maturity.ladder import ladder_address
from roles import clock
from roles.api.views import ApiViewSet
from roles.levels import OPENED_BY, closed_among, is_open, needed_for
from roles.links import inside
from roles.models import Department, Level
from roles.tenancy import active_organization


class ClosedSerializer(serializers.Serializer[Any]):
    """Something that no level has opened here, and no coach early."""

    capability = serializers.CharField()
    opens_at = serializers.ChoiceField(choices=Level.choices)
    missing = serializers.CharField(help_text="The page that says what this level takes.")


class LevelSerializer(serializers.Serializer[Any]):
    """Where the whole organization (department null) or a department stands."""

    department = serializers.IntegerField(allow_null=True)
    level = serializers.ChoiceField(choices=Level.choices)
    follows = serializers.BooleanField(help_text="Whether it is the organization's level and moves with it.")
    closed = ClosedSerializer(many=True)


class NewLevelSerializer(serializers.Serializer[Any]):
    """The level of a department, or, without one, of the whole; empty: as the organization. And why."""

    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    level = serializers.ChoiceField(choices=Level.choices, allow_blank=True)
    reason = serializers.CharField(max_length=500)


class LevelViewSet(ApiViewSet):
    """The levels as they are set; what the practices suggest stands in `practices`."""

    serializer_class = LevelSerializer
    pagination_class = None
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "maturity.read", "change": "maturity.set_level"}

    @extend_schema(responses=LevelSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """The whole organization first, then its departments."""
        return Response(LevelSerializer(_levels(), many=True).data)

    @extend_schema(request=NewLevelSerializer, responses=LevelSerializer(many=True))
    @action(detail=False, methods=["post"])
    def change(self, request: Request) -> Response:
        """Set a level, for a reason that is kept."""
        said = NewLevelSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or active_organization()
        set_level(where, **fields, by=self.member, at=clock.now())
        return Response(LevelSerializer(_levels(), many=True).data)


def _levels() -> list[dict[str, Any]]:
    departments = list(Department.objects.order_by("name"))
    whole = {capability for capability in OPENED_BY if not is_open(capability, None)}
    closed = {capability: closed_among(capability, departments) for capability in OPENED_BY}
    found = [_shown(None, Level(active_organization().level), whole)]
    return found + [
        _shown(row, row.effective_level, {name for name, keys in closed.items() if row.pk in keys})
        for row in departments
    ]


def _shown(department: Department | None, level: Level, closed: set[str]) -> dict[str, Any]:
    return {
        "department": department.pk if department else None,
        "level": level,
        "follows": department is not None and not department.level,
        "closed": [
            {
                "capability": capability,
                "opens_at": needed_for(capability),
                "missing": inside(ladder_address(needed_for(capability), department)),
            }
            for capability in OPENED_BY
            if capability in closed
        ],
    }
