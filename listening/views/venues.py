"""The venue map: where the community talks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening.actions import venues as actions
from listening.forms import VenueMapForm
from listening.models import VenueMap
from listening.venues import Venue, in_words, tiles, told
from roles import sheets
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page

WIDTH = 960
DRAWN = 40  # a tile beyond these could not be seen


@require_safe
@needs("listening.read")
def venues(request: MemberRequest) -> HttpResponse:
    """Show the newest map."""
    return _page(request, VenueMap.objects.order_by("-pk").first())


@require_safe
@needs("listening.read")
def venue_map(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one map that was kept."""
    return _page(request, get_object_or_404(VenueMap, pk=pk))


@require_POST
@needs("listening.map_venues")
def map_venues(request: MemberRequest) -> HttpResponse:
    """Ask for a map of the last days."""
    form = VenueMapForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            row = actions.map_venues(
                request.organization,
                days=form.cleaned_data["days"],
                **acting(request),
            )
            return done(request, _("It is being drawn."), to=reverse("listening:venue_map", args=[row.pk]))
    return _page(request, VenueMap.objects.order_by("-pk").first(), form=form, status=422)


@require_safe
@needs("listening.read")
def venue_picture(request: MemberRequest, pk: int) -> HttpResponse:
    """Hand out the picture alone, to be kept or shown elsewhere."""
    row = get_object_or_404(VenueMap, pk=pk)
    response = render(request, "listening/venue_picture.svg", _picture(told(row.content)) | {"map": row})
    response["Content-Type"] = "image/svg+xml"
    response["Content-Disposition"] = f'attachment; filename="venues-{row.until:%Y-%m-%d}.svg"'
    return response


@require_safe
@needs("listening.read")
def venue_table(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Hand out the table as a file."""
    row = get_object_or_404(VenueMap, pk=pk)
    head = [
        _("Place"), _("Network"), _("Mentions"), _("Before"), _("Authors"),
        _("Negative"), _("Neutral"), _("Positive"), _("Posts of ours"),
    ]  # fmt: skip
    lines = [
        [venue.name, venue.network, venue.mentions, venue.before, venue.authors, *venue.sentiment, venue.ours]
        for venue in told(row.content)
    ]
    return sheets.download(f"venues-{row.until:%Y-%m-%d}.csv", head, lines)


def _picture(found: list[Venue]) -> dict[str, Any]:
    shown = found[:DRAWN]
    height = min(100 + 40 * len(shown), 420)
    drawn = [
        {"tile": tile, "venue": shown[tile.number], "series": tile.number % 8 + 1, "letters": int(tile.width / 8) - 2}
        for tile in tiles([venue.mentions for venue in shown], width=WIDTH, height=height)
    ]
    return {"drawn": drawn, "width": WIDTH, "height": height, "not_drawn": len(found) - len(shown)}


def _page(
    request: MemberRequest, row: VenueMap | None, *, form: VenueMapForm | None = None, status: int = 200
) -> HttpResponse:
    found = told(row.content) if row else []
    context: dict[str, Any] = {
        "map": row,
        "venues": found,
        "words": in_words(found),
        "kept": VenueMap.objects.exclude(drawn_at=None).defer("content").order_by("-pk")[:24],
        "form": form or VenueMapForm(initial={"days": 90}),
        "may_map": decide(request.member, "listening.map_venues"),
        **_picture(found),
    }
    return page(request, "listening/venues.html", context, part="map", status=status)
