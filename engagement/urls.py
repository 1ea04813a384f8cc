"""The addresses of engagement."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "engagement"
urlpatterns: list[URLPattern] = []
