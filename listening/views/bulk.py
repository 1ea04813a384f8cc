"""Bulk decisions: how far each has come, and undoing them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening import stream as reads
from listening.actions import bulk as actions
from listening.filtering import StreamFilter
from listening.models import BulkDecision, BulkStep
from listening.views.triage import shown
from roles.respond import MemberRequest, acting, back_to, done, needs, page

LISTED = 30


@require_safe
@needs("listening.triage")
def bulks(request: MemberRequest) -> HttpResponse:
    """The latest decisions on many mentions, each with its way back."""
    rows = BulkDecision.objects.newest_first().select_related("by__user", "department")[:LISTED]
    return page(request, "listening/bulks.html", {"bulks": rows})


@require_safe
@needs("listening.triage")
def bulk(request: MemberRequest, pk: int) -> HttpResponse:
    """How far a decision on many mentions has come."""
    row = get_object_or_404(BulkDecision.objects.select_related("by__user", "department"), pk=pk)
    return page(request, "listening/bulk.html", {"bulk": row, "wanted": StreamFilter.read(row.query)}, part="progress")


@require_safe
@needs("listening.triage")
def count_all(request: MemberRequest) -> HttpResponse:
    """How many mentions match a filter, as far as one counts; said before all of them are decided."""
    wanted = StreamFilter.of(request.GET.dict())
    return page(request, "listening/count_all.html", {"number": reads.count_of(wanted)})


@require_POST
@needs("listening.triage")
def undo_bulk(request: MemberRequest, pk: int) -> HttpResponse:
    """Put back what a decision on many mentions decided."""
    row = get_object_or_404(BulkDecision, pk=pk)
    steps = BulkStep.objects.filter(bulk=row).order_by("-pk")[:1]
    keys = [kept["id"] for step in steps for kept in step.before]
    row = actions.undo_bulk(row, **acting(request))
    back = back_to(request, reverse("listening:bulk", args=[pk]))
    if row.is_under_way:
        return done(request, _("Being undone, step by step."), to=reverse("listening:bulk", args=[pk]))
    wanted = StreamFilter.read(request.POST.get("in", ""))
    return done(
        request,
        _("The decision is undone."),
        to=back,
        template="listening/decided.html",
        context=shown(keys, wanted, back),
    )
