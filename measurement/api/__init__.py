"""Measurement over the API: figures, what is noted beside them, and what they were worth."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from measurement.api.annotations import AnnotationViewSet
from measurement.api.figures import FiguresViewSet, MetricsViewSet
from measurement.api.report_addresses import ReportAddressViewSet
from measurement.api.reports import ReportViewSet
from measurement.api.returns import AssumptionViewSet, KpiViewSet, ReturnViewSet, VoiceViewSet


def register(router: SimpleRouter) -> None:
    """Put all of it under /api/v1/."""
    router.register("figures", FiguresViewSet, basename="figures")
    router.register("metrics", MetricsViewSet, basename="metric")
    router.register("annotations", AnnotationViewSet, basename="annotation")
    router.register("voices", VoiceViewSet, basename="voice")
    router.register("kpis", KpiViewSet, basename="kpi")
    router.register("assumptions", AssumptionViewSet, basename="assumption")
    router.register("return", ReturnViewSet, basename="return")
    router.register("reports", ReportViewSet, basename="report")
    router.register("report-addresses", ReportAddressViewSet, basename="report_address")
