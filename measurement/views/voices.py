"""Whose voices are compared, and how loud each is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from listening.models import TrackingQuery
from measurement.actions.voices import compare_voices
from measurement.files import as_csv
from measurement.measuring import voices as voices_of
from measurement.metrics import ratio
from measurement.pictures import mentions_url
from measurement.saying import number, raw, share
from measurement.selection_forms import SelectionForm, VoicesForm, days_in_words
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, done, needs, page


@require_http_methods(["GET", "HEAD", "POST"])
@needs("measurement.read")
def voices(request: MemberRequest) -> HttpResponse:
    """Show the share of voice, and let who may choose whom we compare ourselves with."""
    at = clock.now()
    filters = SelectionForm.of_address(request.GET, at=at)
    # What is heard of competitors is of no department, and the queries are what is compared.
    selection = replace(filters.selection(at), department=None, query=None, topic=None, campaign=None)
    found = voices_of(selection)
    before = voices_of(selection.on(selection.window.before()))
    names = dict(TrackingQuery.objects.filter(pk__in=list(found)).values_list("pk", "name"))
    member = request.member
    may = decide(member, "measurement.compare_voices")
    form = VoicesForm(
        request.POST or None,
        initial={
            side: [key for key, (mine, _n) in found.items() if mine == (side == "ours")] for side in ("ours", "theirs")
        },
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with refusals_in(form):
                compare_voices(request.organization, **form.cleaned_data, by=member, at=at)
                return done(request, _("Saved."), to=reverse("measurement:voices"))
    rows = [_row(key, names.get(key, ""), found, before, selection) for key in found]
    rows.sort(key=lambda row: (-row["count"], row["name"]))
    if request.GET.get("as") == "csv":
        return as_csv(_lines(rows), name=f"share-of-voice-{selection.window.first}-{selection.window.last}")
    context = {
        "rows": rows, "form": form, "may_choose": may, "days": days_in_words(selection.window), "tab": "voices",
        "any_queries": TrackingQuery.objects.exists(), "filters": filters, "query_string": request.GET.urlencode(),
    }  # fmt: skip
    return page(request, "measurement/voices.html", context, status=status)


def _lines(rows: list[dict[str, Any]]) -> list[list[Any]]:
    head = [_("Query"), _("Whose"), _("Mentions"), _("Share"), _("Before")]
    return [head, *(
        [row["name"], _("We") if row["is_ours"] else _("Competitors"), row["count"], raw(row["part"]),
         raw(row["part_before"])]
        for row in rows
    )]  # fmt: skip


def _row(key: int, name: str, found: Any, before: Any, selection: Any) -> dict[str, Any]:
    is_ours, count = found[key]
    whole = sum(n for _mine, n in found.values())
    earlier = sum(n for _mine, n in before.values())
    return {
        "name": name,
        "is_ours": is_ours,
        "count": count,
        "said": number(count),
        "share": share(ratio(count, whole)),
        "before": share(ratio(before[key][1], earlier)),
        "part": ratio(count, whole),
        "part_before": ratio(before[key][1], earlier),
        "percent": round(100 * count / max(1, *(n for _mine, n in found.values())), 1),
        "url": mentions_url(selection.window, selection, query=key) if count else "",
    }
