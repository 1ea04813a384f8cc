"""The board: saved filters side by side, for those who watch many streams at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening import stream as reads
from listening.actions import filters as actions
from listening.actions.filters import COLUMNS_AT_MOST
from listening.filtering import StreamFilter
from listening.models import SavedFilter
from listening.views.stream import verbs_for
from roles import clock
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, done, needs, page, refused_by

PER_COLUMN = 15


@require_safe
@needs("listening.read")
def columns(request: MemberRequest) -> HttpResponse:
    """One's own columns, or those that the address names, so that a board can be shown to others."""
    member = request.member
    known = reads.around(member)
    asked = _keys(request.GET.get("show", ""))
    by_key = {one.row.pk: one for one in known.saved}
    chosen = [by_key[key] for key in asked or known.columns if key in by_key]
    found = reads.columns_of(chosen, size=PER_COLUMN)
    said = "-".join(str(one.row.pk) for one in chosen)
    context = {
        "columns": [_column(one, shown) for one, shown in zip(chosen, found, strict=True)],
        "rest": [one for one in known.saved if one not in chosen],
        "hidden": len(asked) - len(chosen) if asked else 0,
        "is_mine": [one.row.pk for one in chosen] == known.columns,
        "keys": said,
        "share_url": f"{reverse('listening:columns')}?{urlencode({'show': said})}",
        "news_url": f"{reverse('listening:columns_news')}?{urlencode({'show': said, 'after': known.newest})}",
        "wanted": StreamFilter(),
        "verbs": verbs_for(member, known),
        "may_triage": decide(member, "listening.triage"),
        "board": True,
    }
    return page(request, "listening/columns.html", context)


@require_safe
@needs("listening.read")
def column(request: MemberRequest, pk: int) -> HttpResponse:
    """More of one column, or, without script, the stream of its filter."""
    row = get_object_or_404(SavedFilter.objects.visible_to(request.member), pk=pk)
    wanted = StreamFilter.read(row.query)
    found = reads.page_of(wanted, before=key_in(request.GET.get("before", "")), size=PER_COLUMN)
    may_triage = decide(request.member, "listening.triage")
    context = {"column": _column(reads.Listed(row, wanted), found), "may_triage": may_triage}
    return page(request, "listening/column.html", context, part="rows")


@require_safe
@needs("listening.read")
def columns_news(request: MemberRequest) -> HttpResponse:
    """How many came behind each column since the board was drawn, in one question for all."""
    member = request.member
    keys = _keys(request.GET.get("show", ""))
    rows = SavedFilter.objects.visible_to(member).in_bulk(keys)
    wanted = [StreamFilter.read(rows[key].query) for key in keys if key in rows]
    numbers = reads.newer(wanted, request.GET.get("after", ""))
    shown = [
        {"key": key, "newer": number} for key, number in zip([key for key in keys if key in rows], numbers, strict=True)
    ]
    board_url = f"{reverse('listening:columns')}?{urlencode({'show': request.GET.get('show', '')})}"
    return page(request, "listening/columns_news.html", {"columns": shown, "board_url": board_url})


@require_POST
@needs("listening.read")
def arrange_columns(request: MemberRequest) -> HttpResponse:
    """Keep these columns, in this order, as one's own board."""
    member = request.member
    keys = _arranged(_keys(request.POST.get("columns", "")), request.POST.get("do", ""))
    if added := key_in(request.POST.get("add", "")):
        keys.append(added)
    rows = SavedFilter.objects.visible_to(member).in_bulk(keys)
    here = reverse("listening:columns")
    try:
        actions.arrange_columns(member, filters=[rows[key] for key in keys if key in rows], by=member, at=clock.now())
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("Your board is arranged."), to=here)


def _keys(text: str) -> list[int]:
    found = [key for part in text.split("-")[: COLUMNS_AT_MOST * 2] if (key := key_in(part)) is not None]
    return list(dict.fromkeys(found))[: COLUMNS_AT_MOST + 1]


def _arranged(keys: list[int], verb: str) -> list[int]:
    """Move a column left or right, or take it away: “left:7”, “right:7”, “remove:7”."""
    what, _sep, said = verb.partition(":")
    key = key_in(said)
    if key not in keys:
        return keys
    place = keys.index(key) + {"left": -1, "right": 1}.get(what, 0)
    rest = [one for one in keys if one != key]
    return rest if what == "remove" else [*rest[: max(0, place)], key, *rest[max(0, place) :]]


def _column(one: reads.Listed, found: reads.Page) -> dict[str, Any]:
    more = reverse("listening:column", args=[one.row.pk])
    return {
        "row": one.row,
        "wanted": one.wanted,
        "count": one.count,
        "page": found,
        "query_string": str(one.wanted),
        "more_url": f"{more}?{urlencode({'before': found.before})}" if found.before else "",
    }
