"""The hours behind a figure: by day and by activity of many together, and by person for whoever coaches all of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from maturity.measured import hours_by_day, spent_time
from maturity.teams import coaches_all
from measurement.files import as_csv
from measurement.saying import raw, said
from measurement.selection_forms import SelectionForm, days_in_words
from roles import clock
from roles.activities import Activity
from roles.models import Department, Member
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("measurement.read")
def spent_hours(request: MemberRequest) -> HttpResponse:
    """Show the hours that a figure adds up."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    # Hours are told of days and departments, and of nothing else.
    selection = replace(form.selection(at), network="", query=None, topic=None, campaign=None)
    window, viewer = selection.window, request.member
    hours = hours_by_day(selection, viewer)
    days = [(day, count) for day, count in sorted((hours or {}).items(), reverse=True) if count]
    if request.GET.get("as") == "csv":
        lines = [[day.isoformat(), raw(count)] for day, count in days]
        return as_csv([[_("Day"), _("Hours")], *lines], name=f"hours-spent-{window.first}-{window.last}")
    department = Department.objects.filter(pk=selection.department).first() if selection.department else None
    rows = spent_time(selection, viewer) or []
    context = {
        "form": form, "days_said": days_in_words(window), "may_see": hours is not None, "department": department,
        "total": said("hours", sum(count for _day, count in days)) if days else "",
        "activities": _by_activity(rows), "days": [(day, said("hours", count)) for day, count in days],
        "people": _by_person(rows) if coaches_all(viewer, department) else [],
        "query_string": request.GET.urlencode(),
    }  # fmt: skip
    return page(request, "maturity/spent_hours.html", context)


def _by_activity(rows: Any) -> list[tuple[str, str]]:
    seconds = defaultdict[str, float](float)
    for one in rows:
        for activity, count in one.by_activity().items():
            seconds[activity] += count
    return [(str(one.label), said("hours", seconds[one.value] / 3600)) for one in Activity if seconds[one.value] > 0]


def _by_person(rows: Any) -> list[tuple[Member, str]]:
    seconds = defaultdict[int, float](float)
    for one in rows:
        for (member, _day, _activity), count in one.by_cell().items():
            seconds[member] += count
    people = Member.objects.filter(pk__in=[key for key, count in seconds.items() if count > 0]).select_related("user")
    return [(person, said("hours", seconds[person.pk] / 3600)) for person in people.by_name()]
