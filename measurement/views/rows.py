"""The rows behind a figure: exactly those that it counts, page by page, or as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from content.models import Publication
from engagement.models import Approval, Assignment, Promise, Reply
from listening.models import Mention, Story
from listening.networks import label_of
from measurement.actions.exports import export_rows
from measurement.files import as_csv
from measurement.people import seen_by
from measurement.row_forms import (
    ApprovalsForm,
    AssignmentsForm,
    MentionsForm,
    PromisesForm,
    PublicationsForm,
    RepliesForm,
    RowsForm,
    StoriesForm,
)
from roles import clock
from roles.permissions import decide
from roles.respond import MemberRequest, acting, needs, page

PER_PAGE = 50
COUNTED_TO = 10_000
# What may be asked of each list; nothing else of an address is written down.
FORMS: dict[str, type[RowsForm]] = {
    "mentions": MentionsForm, "assignments": AssignmentsForm, "replies": RepliesForm, "approvals": ApprovalsForm,
    "promises": PromisesForm, "stories": StoriesForm,
    "publications": PublicationsForm,
}  # fmt: skip


@require_safe
@needs("measurement.read")
def mentions(request: MemberRequest) -> HttpResponse:
    """List the mentions that a figure counts, the newest first."""
    form = MentionsForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "mentions", form)
    wanted = Mention.objects.filter(form.condition())
    if _as_file(request):
        head = [_("Captured"), _("Network"), _("Author"), _("Text"), _("Sentiment"), _("Address")]
        return _file(request, "mentions", head, wanted.with_posts(), "captured_at", lambda row: [
            row.captured_at.isoformat(), label_of(row.network), str(row.post.author or ""), row.post.text,
            row.get_sentiment_display() or "", row.post.url,
        ])  # fmt: skip
    context = _paged(request, wanted, wanted.with_posts(), "captured_at")
    return page(request, "measurement/mentions.html", {"form": form, "said": form.said(), **context})


@require_safe
@needs("measurement.read")
def assignments(request: MemberRequest) -> HttpResponse:
    """List the assignments that a figure counts, the newest first."""
    form = AssignmentsForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "assignments", form)
    at = clock.now()
    wanted = Assignment.objects.filter(form.condition(at))
    if form.cleaned_data.get("member"):
        wanted = wanted.filter(seen_by(request.member))
    if _as_file(request):
        head = [_("Made"), _("Network"), _("Department"), _("State"), _("First answered"), _("Resolved"), _("Text")]
        return _file(request, "assignments", head, wanted.with_mentions(), "created_at", lambda row: [
            row.created_at.isoformat(), label_of(row.network), str(row.department), row.get_state_display(),
            _moment(row.first_answered_at), _moment(row.resolved_at), row.mention.post.text,
        ])  # fmt: skip
    context = _paged(request, wanted, wanted.with_mentions(), "created_at")
    context["said"] = form.said()
    context["may_open"] = decide(request.member, "engagement.read")
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
    return page(request, "measurement/assignments.html", {"form": form, **context})


@require_safe
@needs("measurement.read")
def replies(request: MemberRequest) -> HttpResponse:
    """List the replies that a figure counts, the newest first."""
    form = RepliesForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "replies", form)
    wanted = Reply.objects.filter(form.condition())
    full = wanted.select_related("assignment__department", "assignment__mention__post", "by__user", "channel",
                                 "result")  # fmt: skip
    if _as_file(request):
        head = [_("Written"), _("Account"), _("Department"), _("State"), _("Text"), _("Address"), _("Answers"),
                _("Likes"), _("Reposts"), _("Looked at")]  # fmt: skip
        return _file(request, "replies", head, full, "written_at", lambda row: [
            row.written_at.isoformat(), str(row.channel), str(row.assignment.department), row.get_state_display(),
            row.text, row.remote_url, *_results(row),
        ])  # fmt: skip
    context = _paged(request, wanted, full, "written_at")
    context |= {"said": form.said(), "may_open": decide(request.member, "engagement.read")}
    return page(request, "measurement/replies.html", {"form": form, **context})


@require_safe
@needs("measurement.read")
def publications(request: MemberRequest) -> HttpResponse:
    """List the publications that a figure counts, the newest first."""
    form = PublicationsForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "publications", form)
    wanted = Publication.objects.filter(form.condition())
    full = wanted.select_related("variant__piece__author__user", "channel", "result")
    if _as_file(request):
        head = [_("Published"), _("Account"), _("Piece"), _("What for"), _("Address"), _("Answers"), _("Likes"),
                _("Reposts"), _("Looked at")]  # fmt: skip
        return _file(request, "publications", head, full, "accepted_at", lambda row: [
            _moment(row.accepted_at), str(row.channel), row.variant.piece.title, row.variant.piece.get_step_display(),
            row.remote_url, *_results(row),
        ])  # fmt: skip
    context = _paged(request, wanted, full, "accepted_at")
    context |= {"said": form.said(), "may_open": decide(request.member, "content.read")}
    return page(request, "measurement/publications.html", {"form": form, **context})


@require_safe
@needs("measurement.read")
def approvals(request: MemberRequest) -> HttpResponse:
    """List the steps of approval that a figure counts, the newest first."""
    form = ApprovalsForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "approvals", form)
    wanted = Approval.objects.filter(form.condition())
    full = wanted.select_related("reply__assignment__department", "reply__assignment__mention", "reply__by__user")
    if _as_file(request):
        head = [_("Asked"), _("Decided"), _("Department"), _("State"), _("Step"), _("Text")]
        return _file(request, "approvals", head, full, "asked_at", lambda row: [
            _moment(row.asked_at), _moment(row.ended_at), str(row.reply.assignment.department),
            row.get_state_display(), row.number, row.reply.text,
        ])  # fmt: skip
    context = _paged(request, wanted, full, "asked_at")
    for row in context["rows"]:
        row.took = clock.seconds_between(row.asked_at, row.ended_at) if row.ended_at else None
    context |= {"said": form.said(), "may_open": decide(request.member, "engagement.read")}
    return page(request, "measurement/approvals.html", {"form": form, **context})


@require_safe
@needs("measurement.read")
def promises(request: MemberRequest) -> HttpResponse:
    """List the promises that a figure counts, those kept last first."""
    form = PromisesForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "promises", form)
    wanted = Promise.objects.filter(form.condition())
    full = wanted.select_related("assignment__department", "assignment__mention__post")
    if _as_file(request):
        head = [_("Began"), _("Due"), _("Kept"), _("Kind"), _("Department"), _("Text")]
        return _file(request, "promises", head, full, "kept_at", lambda row: [
            row.started_at.isoformat(), row.due_at.isoformat(), _moment(row.kept_at), row.get_kind_display(),
            str(row.assignment.department), row.assignment.mention.post.text,
        ])  # fmt: skip
    context = _paged(request, wanted, full, "kept_at")
    for row in context["rows"]:
        row.took = clock.seconds_between(row.started_at, row.kept_at)
        row.is_late = row.kept_at > row.due_at
    context |= {"said": form.said(), "may_open": decide(request.member, "engagement.read")}
    return page(request, "measurement/promises.html", {"form": form, **context})


@require_safe
@needs("measurement.read")
def stories(request: MemberRequest) -> HttpResponse:
    """List the stories that a figure counts, those begun last first."""
    form = StoriesForm(request.GET)
    if not form.is_valid():
        return _unclear(request, "stories", form)
    wanted = Story.objects.filter(form.condition())
    if _as_file(request):
        head = [_("Began"), _("Told last"), _("Places"), _("Headline")]
        return _file(request, "stories", head, wanted, "first_at", lambda row: [
            row.first_at.isoformat(), row.last_at.isoformat(), row.size, str(row),
        ])  # fmt: skip
    context = _paged(request, wanted, wanted, "first_at")
    return page(request, "measurement/stories.html", {"form": form, "said": form.said(), **context})


def _unclear(request: MemberRequest, what: str, form: RowsForm) -> HttpResponse:
    """Say why a filter makes no sense."""
    return page(request, f"measurement/{what}.html", {"form": form, "rows": []}, status=400)


def _as_file(request: MemberRequest) -> bool:
    return request.GET.get("as") == "csv"


def _file(
    request: MemberRequest, what: str, head: list[str], full: QuerySet[Any], field: str,
    line: Callable[[Any], Sequence[Any]],
) -> HttpResponse:  # fmt: skip
    """Give the rows as CSV, the newest up to a bound; that they left the house is written down."""
    asked = {name: request.GET[name] for name in FORMS[what]().fields if request.GET.get(name)}
    export_rows(request.organization, what=what, filters=asked, **acting(request))
    rows = full.order_by(f"-{field}", "-pk")[:COUNTED_TO]
    return as_csv([head, *(line(row) for row in rows)], name=f"{what}-behind-a-figure")


def _results(row: Any) -> list[Any]:
    """What came of a reply, each empty where its network does not tell it."""
    found = getattr(row, "result", None)
    told = [found.answers, found.likes, found.reposts] if found else [None, None, None]
    return [*("" if number is None else number for number in told), _moment(found.fetched_at) if found else ""]


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _paged(request: MemberRequest, wanted: QuerySet[Any], full: QuerySet[Any], field: str) -> dict[str, Any]:
    """Read one page by key, and count, up to a bound, all rows and those that are older."""
    shown = list(full.filter(_older(request.GET.get("before", ""), field)).order_by(f"-{field}", "-pk")[:PER_PAGE])
    before = f"{getattr(shown[-1], field).isoformat()},{shown[-1].pk}" if len(shown) == PER_PAGE else ""
    more = _count(wanted.filter(_older(before, field))) if before else 0
    query = request.GET.copy()
    query["before"] = before
    file = request.GET.copy()
    file["as"] = "csv"
    return {
        "rows": shown,
        "total": _count(wanted),
        "more": more,
        "counted_to": COUNTED_TO,
        "next_url": f"?{query.urlencode()}" if more else "",
        "file_url": f"?{file.urlencode()}",
    }


def _older(before: str, field: str) -> Q:
    """The condition that a row comes after the one named “moment,key”; none where nothing readable is named."""
    moment, _comma, key = before.partition(",")
    try:
        at: datetime | None = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not key.isdecimal() or len(key) > 18:
        return Q()
    same = Q(**{f"{field}__lt": at}) | Q(**{field: at, "pk__lt": int(key)})
    return Q(**{f"{field}__lte": at}) & same


def _count(rows: QuerySet[Any]) -> int:
    """Count rows, but never more than one above the bound."""
    return rows.order_by()[: COUNTED_TO + 1].count()
