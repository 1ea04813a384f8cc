"""Assessments that were kept, and having one kept now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from maturity.actions import assessments as actions
from maturity.comparing import DRAWN, compare
from maturity.models import Assessment
from roles.keys import key_in
from roles.models import Level
from roles.respond import MemberRequest, acting, done, needs, page


@require_POST
@needs("maturity.assess")
def assess(request: MemberRequest) -> HttpResponse:
    """Judge now, and keep it."""
    row = actions.assess(request.organization, **acting(request))
    return done(request, _("Judged, and kept as it is now."), to=reverse("maturity:assessment", args=[row.pk]))


@require_safe
@needs("maturity.read")
def assessment(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what was judged then, beside the assessment before, or an earlier one that the address names."""
    row = get_object_or_404(Assessment.objects.select_related("department", "assessed_by__user"), pk=pk)
    same = Assessment.objects.of(row.department_id)
    earlier = list(same.filter(pk__lt=pk)[:DRAWN])
    chosen = key_in(request.GET.get("with", ""))
    before = next((one for one in earlier if one.pk == chosen), earlier[0] if earlier else None)
    after = same.filter(pk__gt=pk).order_by("pk").first()
    kept = compare(row, before)
    context = {
        "assessment": row,
        "before": before,
        "earlier": earlier,
        "after": after,
        "level": Level(row.level),
        "suggested": Level(row.suggested),
        "held": sum(one.holds for one in kept),
        "kept": kept,
        "levels": [(level, [one for one in kept if one.level == level]) for level in Level],
        "better": [one for one in kept if one.change == "better"],
        "worse": [one for one in kept if one.change == "worse"],
    }
    return page(request, "maturity/assessment.html", context)
