"""The addresses of maturity."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "maturity"
urlpatterns: list[URLPattern] = []
