"""The addresses of measurement."""

from __future__ import annotations

from django.urls import path

from measurement.views import executive, rows

app_name = "measurement"
urlpatterns = [
    path("measure/", executive.executive, name="executive"),
    path("measure/mentions/", rows.mentions, name="mentions"),
    path("measure/assignments/", rows.assignments, name="assignments"),
    path("measure/<slug:picture>.csv", executive.table, name="table"),
]
