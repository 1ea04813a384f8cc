"""The staffing calculator."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from maturity.staffing_answer import answer
from maturity.staffing_forms import StaffingForm
from roles import clock
from roles.models import Weekday
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("maturity.plan_staffing")
def staffing(request: MemberRequest) -> HttpResponse:
    """Say how many responders each hour of the week needs, beside who is there."""
    form = StaffingForm(request.GET)
    said = dict(form.cleaned_data) if form.is_valid() else {}
    found = answer(clock.now(), said.pop("department", None), **said)
    context = {
        "form": form,
        "answer": found,
        "days": [(str(label)[:2], label) for label in Weekday.labels],
        "weekdays": Weekday.labels,
    }
    return page(request, "maturity/staffing.html", context, status=400 if form.errors else 200)
