"""The addresses of measurement."""

from __future__ import annotations

from django.urls import path

from measurement.views import (
    all_figures,
    executive,
    explore,
    people,
    report_addresses,
    reports,
    returns,
    rows,
    timeline,
    voices,
)

app_name = "measurement"
urlpatterns = [
    path("measure/", executive.executive, name="executive"),
    path("measure/mentions/", rows.mentions, name="mentions"),
    path("measure/assignments/", rows.assignments, name="assignments"),
    path("measure/replies/", rows.replies, name="replies"),
    path("measure/approvals/", rows.approvals, name="approvals"),
    path("measure/promises/", rows.promises, name="promises"),
    path("measure/stories/", rows.stories, name="stories"),
    path("measure/figures/", all_figures.all_figures, name="all_figures"),
    path("measure/figures.csv", all_figures.all_figures_file, name="all_figures_file"),
    path("measure/explore/", explore.explore, name="explore"),
    path("measure/explore.csv", explore.explore_file, name="explore_file"),
    path("measure/people/", people.people, name="people"),
    path("measure/people.csv", people.people_file, name="people_file"),
    path("measure/voices/", voices.voices, name="voices"),
    path("measure/timeline/", timeline.timeline, name="annotations"),
    path("measure/timeline/annotate/", timeline.annotate, name="annotate"),
    path("measure/timeline/<int:pk>/", timeline.annotation, name="annotation"),
    path("measure/timeline/<int:pk>/remove/", timeline.remove_annotation, name="remove_annotation"),
    path("measure/kpis/", returns.kpis, name="kpis"),
    path("measure/kpis/add/", returns.add_kpi, name="add_kpi"),
    path("measure/kpis/<int:pk>/change/", returns.change_kpi, name="change_kpi"),
    path("measure/kpis/<int:pk>/drop/", returns.drop_kpi, name="drop_kpi"),
    path("measure/kpis/<int:pk>/take-up/", returns.take_up_kpi, name="take_up_kpi"),
    path("measure/return/", returns.worth, name="worth"),
    path("measure/return/state/", returns.state_assumption, name="state_assumption"),
    path("measure/return/<int:pk>/withdraw/", returns.withdraw_assumption, name="withdraw_assumption"),
    path("measure/return/<int:pk>/restore/", returns.restore_assumption, name="restore_assumption"),
    path("measure/reports/", reports.reports, name="reports"),
    path("measure/reports/compose/", reports.compose_report, name="compose_report"),
    path("measure/reports/addresses/", report_addresses.allow_report_addresses, name="allow_report_addresses"),
    path("measure/reports/at/<slug:token>/", report_addresses.public_report, name="public_report"),
    path("measure/reports/<int:pk>/", reports.report, name="report"),
    path("measure/reports/<int:pk>/report.pdf", reports.report_paper, name="report_paper"),
    path("measure/reports/<int:pk>/report.csv", reports.report_file, name="report_file"),
    path("measure/reports/<int:pk>/change/", reports.change_report, name="change_report"),
    path("measure/reports/<int:pk>/drop/", reports.drop_report, name="drop_report"),
    path("measure/reports/<int:pk>/take-up/", reports.take_up_report, name="take_up_report"),
    path("measure/reports/<int:pk>/publish/", report_addresses.publish_report, name="publish_report"),
    path("measure/reports/<int:pk>/unpublish/", report_addresses.unpublish_report, name="unpublish_report"),
    path("measure/<slug:picture>.csv", executive.table, name="table"),
]
