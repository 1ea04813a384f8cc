"""Campaigns and events: their list, and the page of each with its goal, its pieces, and what came out."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import campaigns as actions
from content.bands import newest_of, outcome_of
from content.calendar_days import day_in
from content.campaign_forms import CampaignForm
from content.models import Campaign, Piece
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page

PER_PAGE, PIECES, PUBLISHED = 30, 100, 10
FIELDS = ("name", "kind", "goal", "begins_on", "ends_on", "colour", "department")


@require_safe
@needs("content.read")
def campaigns(request: MemberRequest) -> HttpResponse:
    """Show what is on and to come, or what is over, the newest first."""
    state = Campaign.State.CLOSED if request.GET.get("state") == "closed" else Campaign.State.OPEN
    rows = Campaign.objects.filter(state=state).select_related("department").with_counts().newest_first()
    if before := key_in(request.GET.get("before", "")):
        rows = rows.before(before)
    shown = list(rows[: PER_PAGE + 1])
    context = {
        "campaigns": shown[:PER_PAGE],
        "before": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "state": state,
        "today": day_in(clock.now(), request.organization.zone),
        "may_manage": decide(request.member, "content.manage_campaigns"),
    }
    return page(request, "content/campaigns.html", context)


@require_safe
@needs("content.read")
def campaign(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what it is for, its pieces, and what came out."""
    row = get_object_or_404(Campaign.objects.select_related("department", "created_by__user"), pk=pk)
    pieces = list(Piece.objects.filter(campaign=row).with_variants().order_by("-pk")[: PIECES + 1])
    context = {
        "campaign": row,
        "pieces": pieces[:PIECES],
        "has_more": len(pieces) > PIECES,
        "outcome": outcome_of(row),
        "came": newest_of(row, most=PUBLISHED),
        "may_manage": decide(request.member, "content.manage_campaigns", row),
    }
    return page(request, "content/campaign.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_campaigns")
def add_campaign(request: MemberRequest) -> HttpResponse:
    """Plan a campaign or an event."""
    initial = {"kind": Campaign.Kind.CAMPAIGN, "colour": 1, "begins_on": request.GET.get("from", "")}
    form = CampaignForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = actions.add_campaign(**form.cleaned_data, **acting(request))
            return done(request, _("The campaign is planned."), to=reverse("content:campaign", args=[row.pk]))
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.manage_campaigns")
def change_campaign(request: MemberRequest, pk: int) -> HttpResponse:
    """Say of a campaign otherwise."""
    row = get_object_or_404(Campaign.objects.select_related("department"), pk=pk)
    form = CampaignForm(request.POST or None, initial={name: getattr(row, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_campaign(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("content:campaign", args=[pk]))
    return _form(request, form, row)


@require_POST
@needs("content.manage_campaigns")
def close_campaign(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that it is over."""
    actions.close_campaign(get_object_or_404(Campaign.objects.select_related("department"), pk=pk), **acting(request))
    undo = Undo(reverse("content:reopen_campaign", args=[pk]))
    return done(request, _("The campaign is closed."), to=reverse("content:campaign", args=[pk]), undo=undo)


@require_POST
@needs("content.manage_campaigns")
def reopen_campaign(request: MemberRequest, pk: int) -> HttpResponse:
    """Go on with it."""
    row = get_object_or_404(Campaign.objects.select_related("department"), pk=pk)
    actions.reopen_campaign(row, **acting(request))
    return done(request, _("The campaign is open again."), to=reverse("content:campaign", args=[pk]))


def _form(request: MemberRequest, form: CampaignForm, row: Campaign | None) -> HttpResponse:
    context = {"form": form, "campaign": row}
    return page(request, "content/campaign_form.html", context, status=422 if form.errors else 200)
