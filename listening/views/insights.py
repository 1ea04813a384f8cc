"""Insights: what gatherers learned and others should know."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import insights as actions
from listening.forms import InsightForm
from listening.models import Insight, Mention
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Department
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page

PAGE = 30


@require_safe
@needs("listening.read_briefs")
def insights(request: MemberRequest) -> HttpResponse:
    """Show what was filed, the newest first."""
    rows = Insight.objects.filter(withdrawn_at=None).select_related("department", "filed_by__user")
    department = key_in(request.GET.get("department", ""))
    if department:
        rows = rows.filter(department=department)
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows.order_by("-pk")[: PAGE + 1])
    context = {
        "insights": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "departments": Department.objects.order_by("name"),
        "department": department,
        "may_file": decide(request.member, "listening.file_insight"),
    }
    return page(request, "listening/insights.html", context)


@require_safe
@needs("listening.read_briefs")
def insight(request: MemberRequest, pk: int) -> HttpResponse:
    """One insight with the mentions that it rests on."""
    return _page(request, _row(pk))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.file_insight")
def file_insight(request: MemberRequest) -> HttpResponse:
    """File an insight; the address names the mentions that it rests on."""
    mentions = _mentions(request)
    form = InsightForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = actions.file_insight(
                request.organization,
                **form.cleaned_data,
                mentions=mentions,
                **acting(request),
            )
            undo = Undo(reverse("listening:withdraw_insight", args=[row.pk]))
            return done(request, _("The insight is filed."), to=reverse("listening:insight", args=[row.pk]), undo=undo)
    status = 422 if form.is_bound else 200
    return page(request, "listening/insight_form.html", {"form": form, "mentions": mentions}, status=status)


@require_POST
@needs("listening.file_insight")
def change_insight(request: MemberRequest, pk: int) -> HttpResponse:
    """Say it better."""
    row = _row(pk)
    form = InsightForm(request.POST)
    if form.is_valid():
        with refusals_in(form, PermissionDenied):
            actions.change_insight(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("listening:insight", args=[pk]))
    return _page(request, row, form=form, status=422)


@require_POST
@needs("listening.file_insight")
def withdraw_insight(request: MemberRequest, pk: int) -> HttpResponse:
    """Take an insight back."""
    actions.withdraw_insight(_row(pk), **acting(request))
    undo = Undo(reverse("listening:restore_insight", args=[pk]))
    return done(request, _("The insight is withdrawn."), to=reverse("listening:insights"), undo=undo)


@require_POST
@needs("listening.file_insight")
def restore_insight(request: MemberRequest, pk: int) -> HttpResponse:
    """Let an insight stand again."""
    actions.restore_insight(_row(pk), **acting(request))
    return done(request, _("It stands again."), to=reverse("listening:insight", args=[pk]))


def _row(pk: int) -> Insight:
    return get_object_or_404(Insight.objects.select_related("department__organization", "filed_by__user"), pk=pk)


def _mentions(request: MemberRequest) -> list[Mention]:
    said = request.POST if request.method == "POST" else request.GET
    keys = [key for value in said.getlist("mention")[: actions.MOST_MENTIONS] if (key := key_in(value))]
    return list(Mention.objects.with_posts().filter(pk__in=keys).order_by("pk")) if keys else []


def _page(request: MemberRequest, row: Insight, *, form: InsightForm | None = None, status: int = 200) -> HttpResponse:
    mentions = Mention.objects.with_posts().filter(pk__in=row.places.values("mention_id"))
    context: dict[str, Any] = {
        "insight": row,
        "mentions": mentions.order_by("-pk")[: actions.MOST_MENTIONS],
        "form": form or InsightForm(initial={"title": row.title, "text": row.text, "department": row.department}),
        "may_file": decide(request.member, "listening.file_insight", row),
    }
    return page(request, "listening/insight.html", context, status=status)
