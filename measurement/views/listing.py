"""What lists of rows behind a figure have in common: page by page by key, or as a file that is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime

from measurement.actions.exports import export_rows
from measurement.files import as_csv
from measurement.row_forms import RowsForm
from roles.permissions import decide
from roles.respond import MemberRequest, acting, page

PER_PAGE = 50
COUNTED_TO = 10_000


def unclear(request: MemberRequest, what: str, form: RowsForm) -> HttpResponse:
    """Say why a filter makes no sense."""
    return page(request, f"measurement/{what}.html", {"form": form, "rows": []}, status=400)


def is_file(request: MemberRequest) -> bool:
    """Whether the rows are asked for as a file."""
    return request.GET.get("as") == "csv"


def file_of(
    request: MemberRequest, what: str, form: RowsForm, head: list[str], rows: Iterable[Any],
    line: Callable[[Any], Sequence[Any]],
) -> HttpResponse:  # fmt: skip
    """Give rows as CSV; that they left the house is written down, with what was asked for."""
    # What may be asked of the list; nothing else of an address is written down.
    asked = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    export_rows(request.organization, what=what, filters=asked, **acting(request))
    return as_csv([head, *(line(row) for row in rows)], name=f"{what}-behind-a-figure")


def newest(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    """As many as a file has, those first whose moment is newest or whose number is highest."""
    return rows.order_by(f"-{field}", "-pk")[:COUNTED_TO]


def paged(
    request: MemberRequest, form: RowsForm, wanted: QuerySet[Any], full: QuerySet[Any], field: str,
    *, opens: str = "", place: Callable[[str], object | None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Read one page by key, and count, up to a bound, all rows and those that are older, or have a lower number.

    `opens` is what one must be allowed so that a row leads on; `place` reads where a page begins from an address, and
    without it that is a moment.
    """
    place = place or _moment_in
    older = _older(request.GET.get("before", ""), field, place)
    shown = list(full.filter(older).order_by(f"-{field}", "-pk")[:PER_PAGE])
    before = ""
    if len(shown) == PER_PAGE:
        last = getattr(shown[-1], field)
        before = f"{last.isoformat() if isinstance(last, datetime) else last},{shown[-1].pk}"
    more = _count(wanted.filter(_older(before, field, place))) if before else 0
    query = request.GET.copy()
    query["before"] = before
    file = request.GET.copy()
    file["as"] = "csv"
    return {
        "form": form,
        "said": form.said(),
        "may_open": decide(request.member, opens) if opens else None,
        "rows": shown,
        "total": _count(wanted),
        "more": more,
        "counted_to": COUNTED_TO,
        "next_url": f"?{query.urlencode()}" if more else "",
        "file_url": f"?{file.urlencode()}",
    }


def moment(at: datetime | None) -> str:
    """A moment for a file; empty where there is none."""
    return at.isoformat() if at else ""


def results(row: Any) -> list[Any]:
    """What came of a reply or a publication for a file, each empty where its network does not tell it."""
    found = getattr(row, "result", None)
    told = [found.answers, found.likes, found.reposts] if found else [None, None, None]
    return [*("" if number is None else number for number in told), moment(found.fetched_at) if found else ""]


def number_in(said: str) -> int | None:
    """A whole number out of an address; None where it is none."""
    return int(said) if said.isdecimal() and said.isascii() and len(said) <= 18 else None


def _moment_in(said: str) -> datetime | None:
    try:
        at = parse_datetime(said)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _older(before: str, field: str, place: Callable[[str], object | None]) -> Q:
    """The condition that a row comes after the one named “place,key”; none where nothing readable is named."""
    said, _comma, key = before.partition(",")
    value, number = place(said), number_in(key)
    if value is None or number is None:
        return Q()
    same = Q(**{f"{field}__lt": value}) | Q(**{field: value, "pk__lt": number})
    return Q(**{f"{field}__lte": value}) & same


def _count(rows: QuerySet[Any]) -> int:
    """Count rows, but never more than one above the bound."""
    return rows.order_by()[: COUNTED_TO + 1].count()
