"""The addresses of maturity."""

from __future__ import annotations

from django.urls import URLPattern, path

from maturity.views import playbook, set_department_level, set_organization_level

app_name = "maturity"
urlpatterns: list[URLPattern] = [
    path("playbook/", playbook, name="playbook"),
    path("playbook/set-level/", set_organization_level, name="set_organization_level"),
    path("playbook/departments/<int:pk>/set-level/", set_department_level, name="set_department_level"),
]
