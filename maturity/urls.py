"""The addresses of maturity."""

from __future__ import annotations

from django.urls import URLPattern, path

from maturity.views import guidelines
from maturity.views.playbook import playbook, set_department_level, set_organization_level

app_name = "maturity"
urlpatterns: list[URLPattern] = [
    path("playbook/", playbook, name="playbook"),
    path("playbook/set-level/", set_organization_level, name="set_organization_level"),
    path("guidelines/", guidelines.guidelines, name="guidelines"),
    path("guidelines/add/", guidelines.add_guideline, name="add_guideline"),
    path("guidelines/<int:pk>/", guidelines.guideline, name="guideline"),
    path("guidelines/<int:pk>/change/", guidelines.change_guideline, name="change_guideline"),
    path("guidelines/<int:pk>/move/", guidelines.move_guideline, name="move_guideline"),
    path("guidelines/<int:pk>/retire/", guidelines.retire_guideline, name="retire_guideline"),
    path("guidelines/<int:pk>/take-up/", guidelines.take_up_guideline, name="take_up_guideline"),
    path("playbook/departments/<int:pk>/set-level/", set_department_level, name="set_department_level"),
]
