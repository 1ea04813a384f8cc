"""The addresses of roles."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "roles"
urlpatterns: list[URLPattern] = []
