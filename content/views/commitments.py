"""The cadence of our channels: what was promised beside what was published."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from content.actions import commitments as actions
from content.cadence import cadence_now
from content.commitment_forms import CommitmentForm
from content.models import CadenceCommitment
from listening.models import Channel
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page


@require_safe
@needs("content.read")
def commitments(request: MemberRequest) -> HttpResponse:
    """Show of each channel what it promised and kept, week by week."""
    return _page(request, CommitmentForm())


@require_POST
@needs("content.manage_campaigns")
def commit_to(request: MemberRequest) -> HttpResponse:
    """Promise so many publications a week on a channel."""
    form = CommitmentForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.commit_to(
                form.cleaned_data["channel"], per_week=form.cleaned_data["per_week"], **acting(request)
            )  # fmt: skip
            return done(request, _("The promise is made."), to=reverse("content:commitments"))
    return _page(request, form)


@require_POST
@needs("content.manage_campaigns")
def end_commitment(request: MemberRequest, pk: int) -> HttpResponse:
    """End a promise."""
    actions.end_commitment(get_object_or_404(CadenceCommitment, pk=pk), **acting(request))
    return done(request, _("Ended; the weeks before stay as they were."), to=reverse("content:commitments"))


def _page(request: MemberRequest, form: CommitmentForm) -> HttpResponse:
    channels = cadence_now(request.organization.zone, at=clock.now())
    context = {
        "channels": channels,
        "form": form,
        "has_channels": Channel.objects.filter(is_active=True).exists(),
        "may_manage": decide(request.member, "content.manage_campaigns"),
    }
    return page(request, "content/commitments.html", context, status=422 if form.errors else 200)
