"""The rows behind figures of what we say ourselves: replies, publications, links, reviews, weeks of channels."""

from __future__ import annotations

from django.db.models import Sum
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from content.models import Publication, ReviewedVariant
from content.results import came_of
from content.tracking import short_address
from engagement.models import Reply
from listening.networks import label_of
from measurement.followed import clicks_of_replies, links_followed
from measurement.said_forms import LinksForm, PublicationsForm, RepliesForm, ReviewsForm, WeeksForm
from measurement.sums import weeks_due
from measurement.views.listing import file_of, is_file, moment, newest, number_in, paged, results, unclear
from measurement.windows import Window
from roles import clock
from roles.respond import MemberRequest, needs, page

# So many weeks are shown; the file has all.
SHOWN = 200


@require_safe
@needs("measurement.read")
def replies(request: MemberRequest) -> HttpResponse:
    """List the replies that a figure counts, the newest first."""
    form = RepliesForm(request.GET)
    if not form.is_valid():
        return unclear(request, "replies", form)
    wanted = Reply.objects.filter(form.condition())
    full = wanted.select_related("assignment__department", "assignment__mention__post", "by__user", "channel",
                                 "result")  # fmt: skip
    if is_file(request):
        head = [_("Written"), _("Account"), _("Department"), _("State"), _("Text"), _("Address"), _("Answers"),
                _("Likes"), _("Reposts"), _("Looked at"), _("Links followed")]  # fmt: skip
        rows = list(newest(full, "written_at"))
        clicks = clicks_of_replies(row.pk for row in rows)
        return file_of(request, "replies", form, head, rows, lambda row: [
            row.written_at.isoformat(), str(row.channel), str(row.assignment.department), row.get_state_display(),
            row.text, row.remote_url, *results(row), clicks.get(row.pk, ""),
        ])  # fmt: skip
    context = paged(request, form, wanted, full, "written_at", opens="engagement.read")
    clicks = clicks_of_replies(row.pk for row in context["rows"])
    for row in context["rows"]:
        row.people = clicks.get(row.pk)
    return page(request, "measurement/replies.html", context)


@require_safe
@needs("measurement.read")
def publications(request: MemberRequest) -> HttpResponse:
    """List the publications that a figure counts, the newest first."""
    form = PublicationsForm(request.GET)
    if not form.is_valid():
        return unclear(request, "publications", form)
    wanted = Publication.objects.filter(form.condition())
    full = wanted.select_related("variant__piece__author__user", "channel", "result")
    if is_file(request):
        head = [_("Published"), _("Account"), _("Piece"), _("What for"), _("Address"), _("Answers"), _("Likes"),
                _("Reposts"), _("Looked at"), _("Links followed")]  # fmt: skip
        rows = list(newest(full, "accepted_at"))
        clicks = {came.publication.pk: came.people for came in came_of(rows)}
        return file_of(request, "publications", form, head, rows, lambda row: [
            moment(row.accepted_at), str(row.channel), row.variant.piece.title, row.variant.piece.get_step_display(),
            row.remote_url, *results(row), "" if clicks[row.pk] is None else clicks[row.pk],
        ])  # fmt: skip
    context = paged(request, form, wanted, full, "accepted_at", opens="content.read")
    for came in came_of(context["rows"]):
        came.publication.came = came  # type: ignore[attr-defined]
    return page(request, "measurement/publications.html", context)


@require_safe
@needs("measurement.read")
def links(request: MemberRequest) -> HttpResponse:
    """List the tracked links that a figure counts, those that were followed most first."""
    form = LinksForm(request.GET)
    if not form.is_valid():
        return unclear(request, "links", form)
    wanted = links_followed(form.hours())
    full = wanted.with_what_they_are_in()
    if is_file(request):
        head = [_("Link"), _("Leads to"), _("Piece"), _("Account"), _("Campaign"), _("Made"), _("Clicks")]
        return file_of(request, "links", form, head, newest(full, "people"), lambda row: [
            short_address(row.key), row.target, row.publication.variant.piece.title if row.publication else "",
            str(row.publication.channel) if row.publication else "", str(row.campaign or ""), moment(row.made_at),
            row.people,
        ])  # fmt: skip
    context = paged(request, form, wanted, full, "people", opens="content.read", place=number_in)
    context["clicks"] = wanted.aggregate(sum=Sum("people"))["sum"] or 0
    return page(request, "measurement/links.html", context)


@require_safe
@needs("measurement.read")
def reviews(request: MemberRequest) -> HttpResponse:
    """List the first decisions about variants that a figure counts, the newest first."""
    form = ReviewsForm(request.GET)
    if not form.is_valid():
        return unclear(request, "reviews", form)
    wanted = ReviewedVariant.objects.filter(form.condition())
    full = wanted.select_related("variant__piece__author__user", "variant__channel")
    if is_file(request):
        head = [_("Asked"), _("Decided"), _("Piece"), _("Account"), _("State")]
        return file_of(request, "reviews", form, head, newest(full, "ended_at"), lambda row: [
            moment(row.asked_at), moment(row.ended_at), row.variant.piece.title, str(row.variant.channel),
            row.get_state_display(),
        ])  # fmt: skip
    context = paged(request, form, wanted, full, "ended_at", opens="content.read")
    for row in context["rows"]:
        row.took = clock.seconds_between(row.asked_at, row.ended_at)
    return page(request, "measurement/reviews.html", context)


@require_safe
@needs("measurement.read")
def channel_weeks(request: MemberRequest) -> HttpResponse:
    """List the weeks in which channels had promised something, the newest first."""
    at, form = clock.now(), WeeksForm(request.GET)
    if not form.is_valid():
        return unclear(request, "channel_weeks", form)
    window = form.window() or Window.up_to(at, days=30, zone=form.zone)
    due = weeks_due(window, form.networks("network"), at=at)
    due.sort(key=lambda one: one[1].monday, reverse=True)
    if is_file(request):
        head = [_("Week from"), _("Network"), _("Account"), _("Promised"), _("Published"), _("State")]
        return file_of(request, "channel_weeks", form, head, due, lambda one: [
            one[1].monday.isoformat(), label_of(one[0].channel.network), one[0].channel.name, one[1].promised,
            one[1].published, _("kept") if one[1].is_kept else _("not kept"),
        ])  # fmt: skip
    file = request.GET.copy()
    file["as"] = "csv"
    context = {
        "form": form, "said": form.said(), "rows": due[:SHOWN], "total": len(due), "shown": SHOWN,
        "kept": sum(week.is_kept for _row, week in due), "file_url": f"?{file.urlencode()}", "counted_to": len(due),
    }  # fmt: skip
    return page(request, "measurement/channel_weeks.html", context)
