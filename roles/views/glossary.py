"""One word for one thing: the glossary."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from roles.glossary import in_words
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("roles.read")
def glossary(request: MemberRequest) -> HttpResponse:
    """Show what the words of the interface mean."""
    return page(request, "roles/glossary.html", {"terms": in_words()})
