"""The list of sources, and what is done with many at once: found at a site, taken over from a list, given away."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening import opml
from listening.actions import source_lists as actions
from listening.discovery import find_feeds
from listening.forms import OpmlForm, SourceListForm
from listening.health.workers import nobody_polls
from listening.models import Source
from listening.networks.protocols import NetworkError
from listening.translating import translated
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page

PER_PAGE = 50
SALT = "listening.opml"
PREVIEW_SECONDS = 3600


@require_safe
@needs("listening.read_sources")
def sources(request: MemberRequest) -> HttpResponse:
    """The sources by name, all or those of one kind; every filter is part of the address."""
    at = clock.now()
    form = SourceListForm(request.GET)
    shown = list(form.narrow(Source.objects.by_name(), at=at).select_related("channel", "connection")[: PER_PAGE + 1])
    rows = [{"row": row, "silent": row.is_silent(at), "overdue": row.is_overdue(at)} for row in shown[:PER_PAGE]]
    context = {
        "sources": rows,
        "after": f"{shown[PER_PAGE - 1].name}~{shown[PER_PAGE - 1].pk}" if len(shown) > PER_PAGE else "",
        "counts": Source.objects.counts(at),
        "show": form.show,
        "search": form.words,
        "at": at,
        "nobody_polls": nobody_polls(at),
        "may_manage": decide(request.member, "listening.manage_sources"),
    }
    return page(request, "listening/sources.html", context)


@require_POST
@needs("listening.manage_sources")
def discover_feeds(request: MemberRequest) -> HttpResponse:
    """Look at a site for its feeds, and show what each brings before one is chosen."""
    address = request.POST.get("address", "")[:4000]
    context: dict[str, Any] = {"address": address, "found": [], "problem": ""}
    try:
        context["found"] = find_feeds(address, at=clock.now())
    except (ValueError, NetworkError) as problem:
        context["problem"] = translated(problem)
    known = dict(
        Source.objects.filter(place__in=[feed.address for feed in context["found"]]).values_list("place", "pk")
    )
    context["found"] = [{"feed": feed, "known": known.get(feed.address)} for feed in context["found"]]
    return page(request, "listening/discover_feeds.html", context, status=422 if context["problem"] else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_sources")
def import_sources(request: MemberRequest) -> HttpResponse:
    """Take a list of feeds over: first what would come of it is shown, then it is done."""
    if request.method == "POST" and "list" in request.POST:
        return _take_over(request)
    form = OpmlForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            lines = opml.read(form.cleaned_data["document"])
        except opml.NotOpml as problem:
            form.add_error("file", str(problem))
        else:
            context["preview"] = actions.preview(lines)
            context["list"] = signing.dumps([list(line) for line in lines], salt=SALT, compress=True)
    return page(request, "listening/import_sources.html", context, status=422 if form.errors else 200)


def _take_over(request: MemberRequest) -> HttpResponse:
    here = reverse("listening:import_sources")
    try:
        said = signing.loads(request.POST["list"], salt=SALT, max_age=PREVIEW_SECONDS)
        lines = [opml.Line(*line) for line in said]
        made = actions.import_sources(lines, **acting(request))
    except signing.BadSignature:
        form = OpmlForm()
        context = {"form": form, "problem": _("The preview is too old, or was changed. Choose the file again.")}
        return page(request, "listening/import_sources.html", context, status=422)
    except ValidationError as problem:
        context = {"form": OpmlForm(), "problem": " ".join(problem.messages)}
        return page(request, "listening/import_sources.html", context, status=422)
    message = ngettext(
        "%(count)s source was added; its first poll is on its way.",
        "%(count)s sources were added; their first polls are on their way.",
        len(made),
    ) % {"count": len(made)}
    return done(request, message, to=reverse("listening:sources") if made else here)


@require_safe
@needs("listening.read_sources")
def export_sources(request: MemberRequest) -> HttpResponse:
    """All feeds as an OPML file, for any reader of feeds."""
    member = request.member
    body = actions.export_sources(member.organization, by=member, at=clock.now())
    response = HttpResponse(body, content_type="text/x-opml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="sources.opml"'
    return response
