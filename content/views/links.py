"""Tracked links: where they lead, how often they were followed, and following one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content import following
from content.actions import links as actions
from content.link_forms import LinkForm, LinkTemplateForm
from content.link_querysets import days_of, networks_of
from content.models import Campaign, LinkTemplate, TrackedLink
from content.tracking import short_address
from content.views.places import piece_url
from listening import networks
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.limits import times
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page
from roles.sheets import download

PER_PAGE = 30
MOST_LINES = 10_000


class Away(HttpResponseRedirect):
    """A way out to the web, and to nothing else."""

    allowed_schemes = ["http", "https"]


@require_http_methods(["GET", "HEAD"])
def follow_link(request: HttpRequest, key: str) -> HttpResponse:
    """Lead whoever followed a link to where it leads; of them nothing is kept."""
    often = times(f"follow:{key[:16]}", request, seconds=60)
    target = following.follow(key, method=request.method or "", headers=request.headers, times=often, at=clock.now())
    if not target:
        raise Http404
    response = Away(target)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@needs("content.read")
def links(request: MemberRequest) -> HttpResponse:
    """The links that were made, the newest first."""
    return _links(request, LinkForm())


def _links(request: MemberRequest, form: LinkForm, *, status: int = 200) -> HttpResponse:
    rows = TrackedLink.objects.with_what_they_are_in().with_clicks().order_by("-pk")
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PER_PAGE + 1])
    context = {
        "links": [_line(row) for row in found[:PER_PAGE]],
        "before": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "form": form,
        "template": LinkTemplate.objects.filter(campaign=None).first(),
        "may_make": decide(request.member, "content.write"),
        "may_set": decide(request.member, "content.manage_channels"),
    }
    return page(request, "content/links.html", context, status=status)


@require_safe
@needs("content.read")
def link(request: MemberRequest, pk: int) -> HttpResponse:
    """One link: by day, and from where people came."""
    row = get_object_or_404(TrackedLink.objects.with_what_they_are_in().with_clicks(), pk=pk)
    places = [
        {"label": networks.label_of(one["network"]) if one["network"] else _("Elsewhere"), "people": one["people"]}
        for one in networks_of(pk)
    ]
    context = {"line": _line(row), "days": list(days_of(pk)[:92]), "places": places}
    return page(request, "content/link.html", context)


@require_POST
@needs("content.write")
def make_link(request: MemberRequest) -> HttpResponse:
    """Make a short link."""
    form = LinkForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            row = actions.make_link(request.organization, **form.cleaned_data, **acting(request))
            return done(request, _("The short link is made."), to=reverse("content:link", args=[row.pk]))
    return _links(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_channels")
def set_link_template(request: MemberRequest) -> HttpResponse:
    """Say whether links are tracked and what is added, for all or for a campaign."""
    key = key_in(request.GET.get("campaign", ""))
    campaign = get_object_or_404(Campaign, pk=key) if key else None
    row = LinkTemplate.objects.filter(campaign=campaign).first() or LinkTemplate(campaign=campaign)
    form = LinkTemplateForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.set_link_template(request.organization, campaign=campaign, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("content:links"))
    own = set(LinkTemplate.objects.exclude(campaign=None).values_list("campaign", flat=True))
    campaigns = [{"campaign": one, "has_own": one.pk in own} for one in Campaign.objects.order_by("name")[:100]]
    context = {"form": form, "campaign": campaign, "campaigns": campaigns, "has_own": campaign and campaign.pk in own}
    return page(request, "content/link_template.html", context, status=422 if form.errors else 200)


@require_POST
@needs("content.manage_channels")
def remove_link_template(request: MemberRequest, pk: int) -> HttpResponse:
    """Have what holds for all links hold for a campaign again."""
    campaign = get_object_or_404(Campaign, pk=pk)
    actions.remove_link_template(request.organization, campaign=campaign, **acting(request))
    return done(request, _("What holds for all links holds for it again."), to=reverse("content:set_link_template"))


@require_safe
@needs("content.read")
def links_file(request: MemberRequest) -> StreamingHttpResponse:
    """The newest links with their counts, as CSV."""
    head = [_("Link"), _("Leads to"), _("For"), _("Channel"), _("Made at"), _("People"), _("Programs")]
    rows = TrackedLink.objects.with_what_they_are_in().with_clicks().order_by("-pk")[:MOST_LINES]
    lines = [
        [
            short_address(row.key), row.target, str(row), row.publication.channel.name if row.publication else "",
            row.made_at.isoformat(), row.people, row.programs,
        ]
        for row in rows
    ]  # fmt: skip
    return download("links.csv", head, lines)


def _line(row: TrackedLink) -> dict[str, Any]:
    piece = row.publication.variant.piece if row.publication else None
    return {
        "link": row,
        "short": short_address(row.key),
        "piece": piece,
        "piece_url": piece_url(piece) if piece else "",
    }
