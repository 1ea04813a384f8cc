"""The stream: what nobody and no rule has placed yet, and one mention in full."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening.actions import mentions as actions
from listening.forms import StreamFilterForm
from listening.models import Mention, MentionMatch, Post
from listening.opinions import panel
from roles import clock
from roles.keys import key_in
from roles.models import Department
from roles.permissions import decide
from roles.respond import Undo, back_to, done, needs, page

PER_PAGE = 25
PLACES_SHOWN = 20


@require_safe
@needs("listening.read")
def stream(request: HttpRequest) -> HttpResponse:
    """Mentions that wait for a decision, the newest first; every filter is part of the address."""
    form = StreamFilterForm(request.GET or None)
    rows = form.narrow(Mention.objects.with_posts())
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows.newest_first().prefetch_related("matches__query")[: PER_PAGE + 1])
    context = {
        "mentions": [{"row": row, "parts": highlighted(row)} for row in shown[:PER_PAGE]],
        "before": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "form": form,
        "filtered": form.is_narrowing,
        "query_string": form.query_string(),
        "departments": Department.objects.all(),
        "may_triage": decide(request.member, "listening.triage"),  # type: ignore[attr-defined]
    }
    return page(request, "listening/stream.html", context, part="list")


def highlighted(mention: Mention, field: str = "text") -> list[tuple[str, bool]]:
    """Cut a mention's text (or title) into parts, each with whether a query matched there."""
    text = mention.post.text if field == "text" else mention.post.title
    spans = sorted(
        (int(start), int(end)) for match in mention.matches.all() for name, start, end in match.spans if name == field
    )
    parts, done_to = [], 0
    for start, end in spans:
        if end <= done_to:
            continue
        begin = max(start, done_to)
        parts += [(text[done_to:begin], False), (text[begin:end], True)]
        done_to = end
    return [part for part in [*parts, (text[done_to:], False)] if part[0]]


@require_safe
@needs("listening.read")
def mention(request: HttpRequest, pk: int) -> HttpResponse:
    """One mention: the post, its conversation, its revisions, why it concerns us."""
    row = get_object_or_404(Mention.objects.with_posts().select_related("triaged_by__user"), pk=pk)
    context = {
        "mention": row,
        "parts": highlighted(row),
        "title_parts": highlighted(row, "title"),
        "matches": MentionMatch.objects.filter(mention=row).select_related("query"),
        "conversation": Post.objects.in_conversation(row.post).select_related("author")[:100],
        "elsewhere": Post.objects.same_piece(row.post).select_related("source")[:PLACES_SHOWN],
        "revisions": row.post.revisions.order_by("-number")[:20],
        **panel(row),
        "departments": Department.objects.all(),
        "may_triage": decide(request.member, "listening.triage", row),  # type: ignore[attr-defined]
    }
    return page(request, "listening/mention.html", context, part="mention")


@require_POST
@needs("listening.triage")
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a mention is not relevant."""
    row = get_object_or_404(Mention, pk=pk)
    actions.dismiss(row, reason=request.POST.get("reason", "")[:200], **_acting(request))
    undo = Undo(reverse("listening:restore", args=[pk]))
    return done(request, _("Dismissed."), to=back_to(request, reverse("listening:stream")), undo=undo)


@require_POST
@needs("listening.triage")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a dismissed mention back into the stream."""
    row = get_object_or_404(Mention, pk=pk)
    actions.restore(row, **_acting(request))
    return done(request, _("Back in the stream."), to=back_to(request, reverse("listening:stream")))


@require_POST
@needs("listening.triage")
def route_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a mention to a department's queue."""
    row = get_object_or_404(Mention, pk=pk)
    department = get_object_or_404(Department, pk=key_in(request.POST.get("department", "")))
    actions.route_to(row, department=department, **_acting(request))
    message = _("Given to %(department)s.") % {"department": department}
    return done(request, message, to=back_to(request, reverse("listening:stream")))


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.member, "at": clock.now()}  # type: ignore[attr-defined]
