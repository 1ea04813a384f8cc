"""The rows behind a figure: exactly those that it counts, page by page, or as a file."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.models import Approval, Assignment, Promise
from listening.models import Mention, Story
from listening.networks import label_of
from measurement.people import seen_by
from measurement.row_forms import ApprovalsForm, AssignmentsForm, MentionsForm, PromisesForm, StoriesForm
from measurement.views.listing import file_of, is_file, moment, newest, paged, unclear
from roles import clock
from roles.respond import MemberRequest, needs, page


@require_safe
@needs("measurement.read")
def mentions(request: MemberRequest) -> HttpResponse:
    """List the mentions that a figure counts, the newest first."""
    form = MentionsForm(request.GET)
    if not form.is_valid():
        return unclear(request, "mentions", form)
    wanted = Mention.objects.filter(form.condition())
    if is_file(request):
        head = [_("Captured"), _("Network"), _("Author"), _("Text"), _("Sentiment"), _("Address")]
        return file_of(request, "mentions", form, head, newest(wanted.with_posts(), "captured_at"), lambda row: [
            row.captured_at.isoformat(), label_of(row.network), str(row.post.author or ""), row.post.text,
            row.get_sentiment_display() or "", row.post.url,
        ])  # fmt: skip
    context = paged(request, form, wanted, wanted.with_posts(), "captured_at")
    return page(request, "measurement/mentions.html", context)


@require_safe
@needs("measurement.read")
def assignments(request: MemberRequest) -> HttpResponse:
    """List the assignments that a figure counts, the newest first."""
    form = AssignmentsForm(request.GET)
    if not form.is_valid():
        return unclear(request, "assignments", form)
    at = clock.now()
    wanted = Assignment.objects.filter(form.condition(at))
    if form.cleaned_data.get("member"):
        wanted = wanted.filter(seen_by(request.member))
    if is_file(request):
        head = [_("Made"), _("Network"), _("Department"), _("State"), _("First answered"), _("Resolved"), _("Text")]
        return file_of(request, "assignments", form, head, newest(wanted.with_mentions(), "created_at"), lambda row: [
            row.created_at.isoformat(), label_of(row.network), str(row.department), row.get_state_display(),
            moment(row.first_answered_at), moment(row.resolved_at), row.mention.post.text,
        ])  # fmt: skip
    context = paged(request, form, wanted, wanted.with_mentions(), "created_at", opens="engagement.read")
    context["rows"] = [
        {
            "row": row,
            "wait": clock.seconds_between(row.mention.captured_at, row.first_answered_at)
            if row.first_answered_at
            else None,
            "late": row.is_late(at),
        }
        for row in context["rows"]
    ]
    return page(request, "measurement/assignments.html", context)


@require_safe
@needs("measurement.read")
def approvals(request: MemberRequest) -> HttpResponse:
    """List the steps of approval that a figure counts, the newest first."""
    form = ApprovalsForm(request.GET)
    if not form.is_valid():
        return unclear(request, "approvals", form)
    wanted = Approval.objects.filter(form.condition())
    full = wanted.select_related("reply__assignment__department", "reply__assignment__mention", "reply__by__user")
    if is_file(request):
        head = [_("Asked"), _("Decided"), _("Department"), _("State"), _("Step"), _("Text")]
        return file_of(request, "approvals", form, head, newest(full, "asked_at"), lambda row: [
            moment(row.asked_at), moment(row.ended_at), str(row.reply.assignment.department),
            row.get_state_display(), row.number, row.reply.text,
        ])  # fmt: skip
    context = paged(request, form, wanted, full, "asked_at", opens="engagement.read")
    for row in context["rows"]:
        row.took = clock.seconds_between(row.asked_at, row.ended_at) if row.ended_at else None
    return page(request, "measurement/approvals.html", context)


@require_safe
@needs("measurement.read")
def promises(request: MemberRequest) -> HttpResponse:
    """List the promises that a figure counts, those kept last first."""
    form = PromisesForm(request.GET)
    if not form.is_valid():
        return unclear(request, "promises", form)
    wanted = Promise.objects.filter(form.condition())
    full = wanted.select_related("assignment__department", "assignment__mention__post")
    if is_file(request):
        head = [_("Began"), _("Due"), _("Kept"), _("Kind"), _("Department"), _("Text")]
        return file_of(request, "promises", form, head, newest(full, "kept_at"), lambda row: [
            row.started_at.isoformat(), row.due_at.isoformat(), moment(row.kept_at), row.get_kind_display(),
            str(row.assignment.department), row.assignment.mention.post.text,
        ])  # fmt: skip
    context = paged(request, form, wanted, full, "kept_at", opens="engagement.read")
    for row in context["rows"]:
        row.took = clock.seconds_between(row.started_at, row.kept_at)
        row.is_late = row.kept_at > row.due_at
    return page(request, "measurement/promises.html", context)


@require_safe
@needs("measurement.read")
def stories(request: MemberRequest) -> HttpResponse:
    """List the stories that a figure counts, those begun last first."""
    form = StoriesForm(request.GET)
    if not form.is_valid():
        return unclear(request, "stories", form)
    wanted = Story.objects.filter(form.condition())
    if is_file(request):
        head = [_("Began"), _("Told last"), _("Places"), _("Headline")]
        return file_of(request, "stories", form, head, newest(wanted, "first_at"), lambda row: [
            row.first_at.isoformat(), row.last_at.isoformat(), row.size, str(row),
        ])  # fmt: skip
    context = paged(request, form, wanted, wanted, "first_at")
    return page(request, "measurement/stories.html", context)
