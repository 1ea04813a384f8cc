"""Writers: who has something to say."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from content.writers import DAYS, writers
from listening.models import Topic
from roles import clock
from roles.keys import key_in
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("content.find_writers")
def find_writers(request: MemberRequest) -> HttpResponse:
    """What people contributed, in the order of their names; all, or about one topic."""
    topic = key_in(request.GET.get("topic", ""))
    context = {
        "writers": writers(at=clock.now(), topic=topic),
        "topics": list(Topic.objects.active().by_name()),
        "topic": topic,
        "days": DAYS,
    }
    return page(request, "content/writers.html", context)
