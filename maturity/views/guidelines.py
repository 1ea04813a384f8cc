"""The guidelines as a document, and the pages on which coaches write them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.difference import compare
from maturity.actions import guidelines as actions
from maturity.guideline_forms import GuidelineForm
from maturity.models import Acknowledgement, GapReport, GuidelineAddress, GuidelineSection, GuidelineVersion
from roles.forms import refusals_in
from roles.keys import key_in
from roles.links import outside_address
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused_by

VERSIONS_SHOWN, GAPS_COUNTED = 20, 50


@require_safe
@needs("maturity.read")
def guidelines(request: MemberRequest) -> HttpResponse:
    """All that holds, in its order, with what the reader has not said yes to; coaches see what was retired too."""
    member = request.member
    may = decide(member, "maturity.manage_guidelines")
    shown = list(GuidelineVersion.objects.current().prefetch_related("section__topics__topic"))
    asked: list[tuple[GuidelineVersion, int]] = []
    if decide(member, "maturity.acknowledge"):
        said = Acknowledgement.objects.newest_of(member)
        pairs = [(version, said.get(version.section_id, 0)) for version in shown]
        asked = [(version, number) for version, number in pairs if number < version.section.asks_from]
    context: dict[str, Any] = {
        "sections": shown,
        "asked": asked,
        "retired": list(GuidelineSection.objects.exclude(retired_at=None).order_by("-retired_at")) if may else [],
        "may_manage": may,
        "open_gaps": GapReport.objects.open()[: GAPS_COUNTED + 1].count() if may else 0,
        "address": GuidelineAddress.objects.filter(revoked_at=None).first() if may else None,
    }
    if context["address"]:
        context["address_url"] = outside_address("maturity:public_guidelines", context["address"].token)
    return page(request, "maturity/guidelines.html", context)


@require_safe
@needs("maturity.read")
def guideline(request: MemberRequest, pk: int) -> HttpResponse:
    """One section, as it is now and as it was."""
    row = get_object_or_404(GuidelineSection.objects.prefetch_related("topics__topic"), pk=pk)
    versions = list(row.versions.select_related("by__user")[:VERSIONS_SHOWN])
    may = decide(request.member, "maturity.manage_guidelines")
    context = {"section": row, "current": versions[0], "earlier": versions[1:], "may_manage": may}
    return page(request, "maturity/guideline.html", context)


@require_safe
@needs("maturity.read")
def guideline_changes(request: MemberRequest, pk: int) -> HttpResponse:
    """What changed in a section between two of its versions; where none is named, by the newest."""
    row = get_object_or_404(GuidelineSection, pk=pk)
    after = key_in(request.GET.get("to", "")) or row.version
    before = key_in(request.GET.get("from", "")) or after - 1
    versions = {one.number: one for one in row.versions.select_related("by__user").filter(number__in=[before, after])}
    if after not in versions or before not in versions:
        raise Http404
    context = {
        "section": row,
        "before": versions[before],
        "after": versions[after],
        "parts": compare(versions[before].text, versions[after].text),
    }
    return page(request, "maturity/guideline_changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_guidelines")
def add_guideline(request: MemberRequest) -> HttpResponse:
    """Write a section."""
    form = GuidelineForm(request.POST or None, initial={"gaps": _gaps_in(request)}, is_new=True)
    if request.method == "POST" and form.is_valid():
        said = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        with refusals_in(form):
            row = actions.add_guideline(request.organization, **said, **acting(request))
            return done(request, _("It holds from now on."), to=reverse("maturity:guideline", args=[row.pk]))
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("maturity.manage_guidelines")
def change_guideline(request: MemberRequest, pk: int) -> HttpResponse:
    """Write another version of a section."""
    row = get_object_or_404(GuidelineSection, pk=pk)
    said = row.versions.get(number=row.version)
    initial = {
        "title": said.title,
        "text": said.text,
        "topics": list(row.topics.values_list("topic", flat=True)),
        "is_internal": row.is_internal,
        "version": row.version,
        "gaps": _gaps_in(request),
    }
    form = GuidelineForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_guideline(row, **form.cleaned_data, **acting(request))
            return done(request, _("It holds from now on."), to=reverse("maturity:guideline", args=[pk]))
    return _form(request, form, row)


def _gaps_in(request: MemberRequest) -> list[int]:
    return [key for value in request.GET.getlist("gap")[:GAPS_COUNTED] if (key := key_in(value))]


def _form(request: MemberRequest, form: GuidelineForm, row: GuidelineSection | None) -> HttpResponse:
    context = {"form": form, "section": row}
    return page(request, "maturity/guideline_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("maturity.manage_guidelines")
def move_guideline(request: MemberRequest, pk: int) -> HttpResponse:
    """Move a section one place up or down."""
    row, up = get_object_or_404(GuidelineSection.objects.in_force(), pk=pk), request.POST.get("direction") == "up"
    actions.move_guideline(row, up=up, **acting(request))
    undo = Undo(reverse("maturity:move_guideline", args=[pk]), fields={"direction": "down" if up else "up"})
    return done(request, _("The order is changed."), to=reverse("maturity:guidelines"), undo=undo)


@require_POST
@needs("maturity.manage_guidelines")
def retire_guideline(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a section holds no longer."""
    actions.retire_guideline(get_object_or_404(GuidelineSection, pk=pk), **acting(request))
    undo = Undo(reverse("maturity:take_up_guideline", args=[pk]))
    return done(request, _("It holds no longer."), to=reverse("maturity:guidelines"), undo=undo)


@require_POST
@needs("maturity.manage_guidelines")
def take_up_guideline(request: MemberRequest, pk: int) -> HttpResponse:
    """Have a retired section hold again."""
    to = reverse("maturity:guidelines")
    try:
        actions.take_up_guideline(get_object_or_404(GuidelineSection, pk=pk), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("It holds again."), to=to)
