"""What each person had to do, for those who coach them: by name, with its context, and never as a ranking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from measurement.files import as_csv
from measurement.opening import rows_url
from measurement.people import FEWEST, Work, bounded, by_person, table
from measurement.saying import duration, raw, share
from measurement.selecting import Selection
from measurement.selection_forms import SelectionForm, days_in_words
from roles import clock
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("measurement.read_people")
def people(request: MemberRequest) -> HttpResponse:
    """Show what each person had to do, by name."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    selection = bounded(form.selection(at))
    context = {
        "form": form,
        "heads": _heads(),
        "rows": [_shown(row, selection) for row in by_person(selection, request.member, at=at)],
        "days": days_in_words(selection.window),
        "fewest": FEWEST,
        "query_string": request.GET.urlencode(),
    }
    return page(request, "measurement/people.html", context)


@require_safe
@needs("measurement.read_people")
def people_file(request: MemberRequest) -> HttpResponse:
    """Give the same as CSV."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    selection = bounded(form.selection(at))
    head = [
        _("Person"), _("Assignments"), _("Answered"), _("Resolved"), _("Reopened"), _("Overdue now"), _("Targets met"),
        _("First response, median (seconds)"),
    ]  # fmt: skip
    rows = table(by_person(selection, request.member, at=at))
    lines = [[name, *map(raw, numbers)] for name, *numbers in rows]
    return as_csv([head, *lines], name=f"people-{selection.window.first}-{selection.window.last}")


# By what stands in a row: what opens the rows that it counts.
OPENED = {
    "assigned": "assigned", "answered": "answered", "resolved": "resolved", "reopened": "reopened",
    "overdue": "overdue_of_days", "share_in_time": "targets_met", "median": "first_response_median",
}  # fmt: skip


def _heads() -> list[str]:
    """What stands above them, in this order."""
    return [
        _("Assignments"), _("Answered"), _("Resolved"), _("Reopened"), _("Overdue now"), _("Targets met"),
        _("First response, median"),
    ]  # fmt: skip


def _shown(row: Work, selection: Selection) -> dict[str, Any]:
    """A row in words, each figure the way to its rows where it has any."""
    own = replace(selection, member=row.member.pk)
    words = {"share_in_time": share(row.share_in_time), "median": duration(row.median)}
    cells = [
        (head, words.get(name, getattr(row, name)), rows_url(key, own) if getattr(row, name) else "")
        for head, (name, key) in zip(_heads(), OPENED.items(), strict=True)
    ]
    return {"member": row.member, "cells": cells}
