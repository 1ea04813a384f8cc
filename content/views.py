"""The content room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from roles.models import Level
from roles.respond import needs, page


@require_safe
@needs("content.read")
def content(request: HttpRequest) -> HttpResponse:
    """Say what is here, what the level opens, and where one works meanwhile."""
    level = Level(request.organization.level)  # type: ignore[attr-defined]
    return page(request, "content/content.html", {"level": level, "opens": Level.CREATING})
