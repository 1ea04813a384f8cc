"""One practice: how it stands everywhere, what shows it, and who attested it."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from maturity.actions import attestations as actions
from maturity.evidence.asked import Asked
from maturity.judging import judge
from maturity.models import Attestation
from maturity.practice_forms import AttestationForm
from maturity.practices import BY_KEY, Practice
from maturity.showing import show
from roles import clock
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, needs, page

USUAL = timedelta(days=90)
SHOWN = 30


@require_safe
@needs("maturity.read")
def practice(request: MemberRequest, key: str) -> HttpResponse:
    """Show one practice in the whole organization and in each department."""
    return _page(request, _found(key))


@require_POST
@needs("maturity.attest")
def attest(request: MemberRequest, key: str) -> HttpResponse:
    """Attest it."""
    found, member = _found(key), request.member
    form = AttestationForm(request.POST, member=member)
    if form.is_valid():
        said = dict(form.cleaned_data)
        where = said.pop("department") or request.organization
        with refusals_in(form, PermissionDenied):
            actions.attest(where, practice=key, **said, by=member, at=clock.now())
            return done(request, _("The practice is attested."), to=reverse("maturity:practice", args=[key]))
    return _page(request, found, form)


@require_POST
@needs("maturity.attest")
def withdraw_attestation(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an attestation back."""
    row = get_object_or_404(Attestation.objects.select_related("department"), pk=pk)
    actions.withdraw_attestation(row, **acting(request))
    return done(request, _("The attestation is withdrawn."), to=reverse("maturity:practice", args=[row.practice]))


def _found(key: str) -> Practice:
    if key not in BY_KEY:
        raise Http404
    return BY_KEY[key]


def _page(request: MemberRequest, found: Practice, form: AttestationForm | None = None) -> HttpResponse:
    member = request.member
    asked = Asked(clock.now())
    today = asked.today
    if form is None and found.evidence is None and decide(member, "maturity.attest"):
        form = AttestationForm(member=member, initial={"lapses_on": today + USUAL})
    judged = judge(asked)
    rows = [
        (judgement, show(next(v for v in judgement.verdicts if v.practice == found), asked, member, judgement))
        for judgement in judged.values()
    ]
    said = list(Attestation.objects.of_practice(found.key)[:SHOWN]) if found.evidence is None else []
    context = {
        "practice": found,
        "rows": rows,
        "explained": _(explained) if (explained := found.evidence and found.evidence.read.__doc__) else "",
        "form": form,
        "attestations": [
            (row, row.withdrawn_at is None and row.lapses_on >= today, decide(member, "maturity.attest", row))
            for row in said
        ],
    }
    return page(request, "maturity/practice.html", context, status=422 if form is not None and form.errors else 200)
