"""The audit log over the API: who did what to what, the newest first."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions.exports import read_audit
from roles.api.views import ApiViewSet
from roles.models import AuditEntry
from roles.sentences import sentence, with_names
from roles.tenancy import active_organization


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One entry: who, what, about which row, and what was before and after; `by` null is the application."""

    said = serializers.SerializerMethodField(help_text="The entry as a sentence.")

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "by", "by_name", "verb", "subject_kind", "subject_id", "subject_label", "before", "after",
                  "said")  # fmt: skip
        read_only_fields = fields

    def get_said(self, entry: AuditEntry) -> str:
        return sentence(entry)


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("by", int, description="Only what this member did."),
            OpenApiParameter("verb", str),
            OpenApiParameter("kind", str, description="Only about rows of this kind."),
        ]
    )
)
class AuditEntryViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """What was done; nothing of it can be changed. That a program reads it is an entry itself, once a day."""

    serializer_class = AuditEntrySerializer
    http_method_names = ["get", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {"list": "roles.read_audit", "retrieve": "roles.read_audit"}

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.chosen(**(self._filters if self.action == "list" else {}))

    @property
    def _filters(self) -> dict[str, str]:
        said = {name: self.request.query_params.get(name, "") for name in ("by", "verb", "kind")}
        if said["by"]:
            said["by"] = str(serializers.IntegerField(min_value=0, max_value=2**63 - 1).run_validation(said["by"]))
        return {name: value for name, value in said.items() if value}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Entries, the newest first."""
        shown = super().list(request, *args, **kwargs)
        read_audit(active_organization(), filters=self._filters, by=self.member, at=clock.now())
        return shown

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One entry."""
        shown = super().retrieve(request, *args, **kwargs)
        read_audit(active_organization(), filters={}, by=self.member, at=clock.now())
        return shown

    def paginate_queryset(self, queryset: Any) -> Any:
        """A page, each row with the name that the log does not keep itself."""
        rows = super().paginate_queryset(queryset)
        return rows if rows is None else list(with_names(rows))

    def get_object(self) -> Any:
        return with_names([super().get_object()])[0]


def register(router: BaseRouter) -> None:
    """Add the audit log to the API."""
    router.register("audit-entries", AuditEntryViewSet, basename="audit-entry")
