"""Gap reports: made beside the mention, closed by coaches."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engagement.models import Assignment
from listening.models import Mention
from maturity.actions import gaps as actions
from maturity.models import GapReport, GuidelineVersion
from roles.keys import key_in
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused, refused_by

PAGE, MOST_OPEN = 30, 100


@require_POST
@needs("maturity.report_gap")
def report_gap(request: MemberRequest, pk: int) -> HttpResponse:
    """Report that the guidelines say nothing about what was asked here."""
    member = request.member
    row = get_object_or_404(Assignment.objects.with_mentions().visible_to(member), pk=pk)
    here = reverse("engagement:assignment", args=[pk])
    try:
        gap = actions.report_gap(row, note=request.POST.get("note", ""), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    undo = Undo(reverse("maturity:withdraw_gap", args=[gap.pk]))
    return done(request, _("Reported. The coaches see it with this mention."), to=here, undo=undo)


@require_POST
@needs("maturity.report_gap")
def report_gap_in_stream(request: MemberRequest) -> HttpResponse:
    """Report it of a mention that nobody has been given yet."""
    keys = [key for text in request.POST.getlist("mention") if (key := key_in(text))]
    if len(keys) != 1:
        text = _("Choose one mention: each is reported by itself.")
        return refused(request, text, to=reverse("listening:stream"), status=422)
    (key,) = keys
    back = back_to(request, reverse("listening:mention", args=[key]))
    gap = actions.report_gap(get_object_or_404(Mention.objects.with_posts(), pk=key), **acting(request))
    undo = Undo(reverse("maturity:withdraw_gap", args=[gap.pk]), fields={"next": back})
    said = _("Reported. The coaches see it with this mention.")
    return done(request, said, to=back, undo=undo, template="components/flash_oob.html")


@require_POST
@needs("maturity.report_gap")
def withdraw_gap(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back what one has reported."""
    member = request.member
    row = get_object_or_404(GapReport, pk=pk)
    about = Assignment.objects.visible_to(member).filter(mention=row.mention_id).order_by("-pk").first()
    to = back_to(
        request, reverse("engagement:assignment", args=[about.pk]) if about else reverse("maturity:guidelines")
    )
    try:
        actions.withdraw_gap(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("The report is taken back."), to=to, template="components/flash_oob.html")


@require_safe
@needs("maturity.manage_guidelines")
def gaps(request: MemberRequest) -> HttpResponse:
    """What waits for a guideline, the oldest first, and what was closed, the newest first."""
    waiting = list(GapReport.objects.open().with_everything()[: MOST_OPEN + 1])
    closed = GapReport.objects.closed().with_everything()
    if before := key_in(request.GET.get("before", "")):
        closed = closed.filter(pk__lt=before)
    shown = list(closed[: PAGE + 1])
    context = {
        "waiting": waiting[:MOST_OPEN],
        "more_waiting": len(waiting) > MOST_OPEN,
        "closed": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "sections": list(GuidelineVersion.objects.current()) if waiting else [],
    }
    return page(request, "maturity/gaps.html", context)


@require_POST
@needs("maturity.manage_guidelines")
def close_gap(request: MemberRequest, pk: int) -> HttpResponse:
    """Close a report with the reason why no guideline is needed."""
    row = get_object_or_404(GapReport, pk=pk)
    to = reverse("maturity:gaps")
    try:
        actions.close_gap(row, reason=request.POST.get("reason", ""), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("The gap report is closed."), to=to, undo=Undo(reverse("maturity:reopen_gap", args=[pk])))


@require_POST
@needs("maturity.manage_guidelines")
def reopen_gap(request: MemberRequest, pk: int) -> HttpResponse:
    """Open a report again."""
    to = reverse("maturity:gaps")
    try:
        actions.reopen_gap(get_object_or_404(GapReport, pk=pk), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("It is open again."), to=to)
