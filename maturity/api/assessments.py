"""Practices as they stand, what is attested, and the assessments that were kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from maturity.actions import assessments as assessing
from maturity.actions import attestations as attesting
from maturity.evidence.asked import Asked
from maturity.judging import Judgement, judge
from maturity.models import Assessment, Attestation
from maturity.practices import BY_KEY
from roles import clock
from roles.api.views import ApiViewSet
from roles.models import Department, Level


class VerdictSerializer(serializers.Serializer[Any]):
    """One practice, judged; figure and threshold where the rows decide, else who attested it."""

    practice = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices)
    title = serializers.CharField()
    holds = serializers.BooleanField()
    figure = serializers.FloatField(required=False, allow_null=True)
    threshold = serializers.FloatField(required=False)
    unit = serializers.CharField(required=False)
    at_most = serializers.BooleanField(required=False)
    window = serializers.CharField(required=False)
    side = serializers.ChoiceField(choices=["outside", "practice"], required=False)
    attested_by = serializers.CharField(required=False)
    note = serializers.CharField(required=False)
    lapses_on = serializers.DateField(required=False)


class JudgementSerializer(serializers.Serializer[Any]):
    """Where the whole organization (department null) or a department stands now."""

    department = serializers.IntegerField(allow_null=True)
    level = serializers.ChoiceField(choices=Level.choices)
    suggested = serializers.ChoiceField(choices=Level.choices)
    practices = VerdictSerializer(many=True)
    next = serializers.ListField(child=serializers.CharField(), help_text="What is most worth working on, by its key.")


class PracticeViewSet(ApiViewSet):
    """The practices as they stand now, for the whole organization and for each department."""

    serializer_class = JudgementSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {"list": "maturity.read"}

    @extend_schema(responses=JudgementSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Judge now; nothing is kept."""
        asked = Asked(clock.now())
        found = [_shown(judgement, asked) for judgement in judge(asked).values()]
        return Response(JudgementSerializer(found, many=True).data)


def _shown(judgement: Judgement, asked: Asked) -> dict[str, Any]:
    return {
        "department": judgement.department.pk if judgement.department else None,
        "level": judgement.level,
        "suggested": judgement.suggested,
        "practices": [verdict.frozen() for verdict in judgement.verdicts],
        "next": [verdict.practice.key for verdict in judgement.next_steps],
    }


class AttestationSerializer(serializers.ModelSerializer[Attestation]):
    """A coach's word that something is done."""

    class Meta:
        model = Attestation
        fields = (
            "id", "practice", "department", "note", "lapses_on", "attested_at", "attested_by", "withdrawn_at",
            "withdrawn_by",
        )  # fmt: skip
        read_only_fields = fields


class NewAttestationSerializer(serializers.Serializer[Any]):
    """What to attest; without a department it is of the whole organization."""

    practice = serializers.ChoiceField(choices=[key for key, row in BY_KEY.items() if row.evidence is None])
    department = serializers.PrimaryKeyRelatedField(queryset=Department.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(max_length=1000)
    lapses_on = serializers.DateField()


class AttestationViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What coaches attest, where no figure can show it."""

    serializer_class = AttestationSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.attest",
        "create_once": "maturity.attest",
        "withdraw": "maturity.attest",
    }

    def get_queryset(self) -> QuerySet[Attestation]:
        return Attestation.objects.select_related("department")

    @extend_schema(request=NewAttestationSerializer, responses={201: AttestationSerializer})
    def create_row(self, request: Request) -> Response:
        """Attest something."""
        said = NewAttestationSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        fields = dict(said.validated_data)
        where = fields.pop("department", None) or self.member.organization
        row = attesting.attest(where, **fields, by=self.member, at=clock.now())
        return Response(AttestationSerializer(row).data, status=201)

    @extend_schema(request=None, responses=AttestationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Take it back."""
        row = attesting.withdraw_attestation(self.get_object(), by=self.member, at=clock.now())
        return Response(AttestationSerializer(row).data)


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    """The practices as they were judged at one moment."""

    verdicts = VerdictSerializer(many=True)

    class Meta:
        model = Assessment
        fields = ("id", "department", "assessed_at", "assessed_by", "level", "suggested", "verdicts")
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(
        parameters=[OpenApiParameter("department", str, description="A key; “none” for the whole organization.")]
    )
)
class AssessmentViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Assessments that were kept, the newest first; they are never changed."""

    serializer_class = AssessmentSerializer
    http_method_names = ["get", "post", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "maturity.read",
        "retrieve": "maturity.read",
        "create": "maturity.assess",
        "create_once": "maturity.assess",
    }

    def get_queryset(self) -> QuerySet[Assessment]:
        rows = Assessment.objects.all()
        asked = self.request.query_params.get("department", "") if self.action == "list" else ""
        if asked == "none":
            return rows.filter(department=None)
        if asked and not (asked.isdecimal() and len(asked) <= 18):
            raise ValidationError({"department": ["Give a number, or “none”."]})
        return rows.filter(department=int(asked)) if asked else rows

    @extend_schema(request=None, responses={201: AssessmentSerializer})
    def create_row(self, request: Request) -> Response:
        """Judge now, and keep it, for the whole organization and each department; gives that of the whole."""
        row = assessing.assess(self.member.organization, by=self.member, at=clock.now())
        return Response(AssessmentSerializer(row).data, status=201)
