"""The addresses of measurement."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "measurement"
urlpatterns: list[URLPattern] = []
