"""The addresses of content."""

from __future__ import annotations

from django.urls import URLPattern, path

from content.views import content

app_name = "content"
urlpatterns: list[URLPattern] = [path("content/", content, name="content")]
