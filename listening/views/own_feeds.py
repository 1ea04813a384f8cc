"""Feeds of our own, for anybody who has their address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from listening.housekeeping import own_feed_of
from listening.models import Channel, OwnFeedEntry
from listening.own_feed.atom import atom_of, title_of
from roles.limits import limited
from roles.markdown import markdown
from roles.tenancy import answering_for

MOST_ENTRIES = 50
# What a cache on the way may still show after an entry was taken back.
KEPT_SECONDS = 60


@require_safe
@limited("own-feed", most=300, seconds=60)
def own_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Give a feed to a reader; one that has it already hears that nothing is new."""
    channel = _of(key)
    with answering_for(channel.organization):
        entries = list(_standing(channel).order_by("-published_at", "-pk")[:MOST_ENTRIES])
        changed_at = _changed_at(channel, entries)
        body = atom_of(channel, entries, owner=channel.organization.name, changed_at=changed_at)
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    mark = quote_etag(blake2b(body, digest_size=16).hexdigest())
    written = int(changed_at.timestamp())
    response.headers["ETag"], response.headers["Last-Modified"] = mark, http_date(written)
    return get_conditional_response(request, etag=mark, last_modified=written, response=response) or response


@require_safe
@limited("own-feed", most=300, seconds=60)
def own_feed_entry(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Show one entry to anybody; 404 once it was taken back."""
    channel = _of(key)
    with answering_for(channel.organization):
        entry = get_object_or_404(_standing(channel), pk=pk)
        context = {
            "entry": entry, "title": title_of(entry), "said": markdown(entry.text),
            "channel": channel, "organization": channel.organization,
        }  # fmt: skip
        response = render(request, "listening/own_feed_entry.html", context)
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    return response


def _of(key: str) -> Channel:
    channel = own_feed_of(key)
    if channel is None:
        raise Http404
    return channel


def _changed_at(channel: Channel, entries: Sequence[OwnFeedEntry]) -> datetime:
    """When something last came, or was taken back."""
    taken = OwnFeedEntry.objects.filter(channel=channel).aggregate(last=Max("withdrawn_at"))["last"]
    newest = max((entry.published_at for entry in entries), default=channel.created_at)
    return max(newest, taken) if taken else newest


def _standing(channel: Channel) -> QuerySet[OwnFeedEntry]:
    return OwnFeedEntry.objects.filter(channel=channel, withdrawn_at=None)
