"""The calendar in calendar programs: addresses that can be ended."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from content import housekeeping
from content.actions import feeds as actions
from content.calendar_file import calendar_file
from content.models import CalendarFeed
from roles import clock
from roles.limits import limited
from roles.links import outside_address
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page
from roles.tenancy import answering_for


@require_safe
@needs("content.read")
def calendar_feeds(request: MemberRequest) -> HttpResponse:
    """Say which addresses there are."""
    return _page(request)


@require_POST
@needs("content.read")
def make_calendar_feed(request: MemberRequest) -> HttpResponse:
    """Make an address for what one has planned or written, and show it, this once."""
    return _page(request, key=actions.make_calendar_feed(request.member, **acting(request)))


@require_POST
@needs("content.read")
def revoke_calendar_feed(request: MemberRequest) -> HttpResponse:
    """End one's own address."""
    actions.revoke_calendar_feed(request.member, **acting(request))
    return done(request, _("The address is no longer answered."), to=reverse("content:calendar_feeds"))


@require_POST
@needs("content.manage_campaigns")
def make_shared_feed(request: MemberRequest) -> HttpResponse:
    """Make an address for the whole calendar, and show it, this once."""
    return _page(request, key=actions.make_shared_feed(request.organization, **acting(request)))


@require_POST
@needs("content.manage_campaigns")
def revoke_shared_feed(request: MemberRequest) -> HttpResponse:
    """End the address of the whole calendar."""
    actions.revoke_shared_feed(request.organization, **acting(request))
    return done(request, _("The address is no longer answered."), to=reverse("content:calendar_feeds"))


@never_cache
@limited("calendar", most=120, seconds=600)
@require_safe
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Give the calendar whose address this is to a calendar program; 404 where nobody has it any more."""
    feed = housekeeping.calendar_of(key)
    if feed is None:
        raise Http404
    with answering_for(feed.organization):
        if feed.member is not None and not decide(feed.member, "content.read"):
            raise Http404
        return HttpResponse(calendar_file(feed, at=clock.now()), content_type="text/calendar; charset=utf-8")


def _page(request: MemberRequest, *, key: str = "") -> HttpResponse:
    rows = CalendarFeed.objects.exclude(feed_digest="").select_related("made_by__user")
    context = {
        "address": outside_address("content:calendar_feed", key) if key else "",
        "own": rows.filter(member=request.member).first(),
        "shared": rows.filter(member=None).first(),
        "may_share": decide(request.member, "content.manage_campaigns"),
    }
    response = page(request, "content/calendar_feeds.html", context)
    if key:
        response.headers["Cache-Control"] = "no-store"
    return response
