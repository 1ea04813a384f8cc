"""What is kept how long."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening.actions import retention as actions
from listening.forms import RetentionForm
from listening.models import RetentionRule
from listening.retention import due, retention_rules
from roles import clock
from roles.forms import refusals_in
from roles.respond import MemberRequest, acting, done, needs, page


@require_safe
@needs("listening.read_retention")
def retention(request: MemberRequest) -> HttpResponse:
    """Show what is kept how long, and what would go now."""
    return _page(request)


@require_POST
@needs("listening.manage_retention")
def set_retention(request: MemberRequest, kind: str) -> HttpResponse:
    """Say how long one kind is kept."""
    if kind not in RetentionRule.Kind.values:
        raise Http404
    form = RetentionForm(request.POST, prefix=kind)
    if form.is_valid():
        with refusals_in(form):
            actions.set_retention(
                request.organization,
                kind=kind,
                days=form.cleaned_data["days"],
                **acting(request),
            )
            return done(request, _("Saved."), to=reverse("listening:retention"))
    return _page(request, form=form, status=422)


def _page(request: MemberRequest, *, form: RetentionForm | None = None, status: int = 200) -> HttpResponse:
    at = clock.now()
    rows = [
        {
            "rule": rule,
            "due": due(rule, at=at),
            "form": form
            if form is not None and form.prefix == rule.kind
            else RetentionForm(initial={"days": rule.days}, prefix=rule.kind),
        }
        for rule in retention_rules()
    ]
    return page(request, "listening/retention.html", {"rows": rows}, status=status)
