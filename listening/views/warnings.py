"""Warnings: what is open, what was, one in full; what is watched, who is on call, and what is known to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening import housekeeping
from listening.actions import warnings as actions
from listening.lookout.mailing import mails_of, read_token
from listening.lookout.raising import coaches_to_tell
from listening.models import EarlyWarning, KnownEvent, Mention, WatchedSeries
from listening.pictures import drawings
from listening.warning_forms import KnownEventForm, RaiseForm
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.models import Mail, Member, Role
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused_by
from roles.tenancy import answering_for
from roles.wording import in_order, labelled, number

PER_PAGE = 25
SAMPLES = 10


@require_safe
@needs("listening.read_warnings")
def warnings(request: MemberRequest) -> HttpResponse:
    """Open warnings first, then the history; who is on call, and what is known to come."""
    return _warnings(request, KnownEventForm())


def _warnings(request: MemberRequest, event_form: KnownEventForm) -> HttpResponse:
    at = clock.now()
    closed = EarlyWarning.objects.closed().with_everything()
    if before := key_in(request.GET.get("before", "")):
        closed = closed.filter(pk__lt=before)
    history = list(closed.newest_first()[: PER_PAGE + 1])
    told = {member.pk for member in coaches_to_tell(at)}
    coaches = list(Member.objects.active().with_role(Role.COACH).with_positions().by_name())
    context = {
        "open": EarlyWarning.objects.open().with_everything().newest_first(),
        "history": history[:PER_PAGE],
        "before": history[PER_PAGE - 1].pk if len(history) > PER_PAGE else None,
        "is_first": not before,
        "coaches": [(member, member.is_available(at), member.pk in told) for member in coaches],
        "events": KnownEvent.objects.filter(ends_at__gt=at).select_related("query", "topic").order_by("starts_at")[:50],
        "event_form": event_form,
        "may_manage": decide(request.member, "listening.manage_events"),
        "may_call": decide(request.member, "roles.set_on_call"),
    }
    return page(request, "listening/warnings.html", context, part="list", status=422 if event_form.errors else 200)


@require_safe
@needs("listening.read_warnings")
def alarm(request: MemberRequest) -> HttpResponse:
    """What an open page shows when something new is unusual."""
    newest = EarlyWarning.objects.open().newest_first().first()
    return render(request, "listening/alarm.html", {"warning": newest})


@require_safe
@needs("listening.read_warnings")
def warning(request: MemberRequest, pk: int) -> HttpResponse:
    """One warning: what is unusual, what drives it, what happened since."""
    row = get_object_or_404(EarlyWarning.objects.with_everything(), pk=pk)
    mentions = Mention.objects.filter(pk__in=row.mention_ids).with_posts().newest_first()
    context = {
        "warning": row,
        "picture": picture(row.counts, is_hourly=row.is_hourly, marked=(row.began_at, row.last_at)),
        "mentions": mentions[:SAMPLES],
        "more": max(len(row.mention_ids) - SAMPLES, 0),
        "timeline": _timeline(row, mails_of(row)),
        "outcomes": EarlyWarning.Outcome.choices,
        "may_acknowledge": decide(request.member, "listening.acknowledge"),
        "may_close": decide(request.member, "listening.close_warning"),
    }
    return page(request, "listening/warning.html", context)


def _timeline(row: EarlyWarning, mails: Sequence[Mail]) -> list[tuple[datetime, str]]:
    by_hand = row.raised_by or (_("a person") if row.kind == row.Kind.BY_HAND else None)
    found = [
        (row.began_at, _("It begins.")),
        (row.detected_at, _("Raised by %(who)s.") % {"who": by_hand} if by_hand else _("Detected.")),
    ]
    for mail in mails:
        what = {"who": mail.member, "state": mail.get_state_display(), "problem": mail.problem}
        said = _("Mail to %(who)s: %(state)s. %(problem)s") % what
        found.append((mail.sent_at or mail.written_at, said.strip()))
    if row.ended_at and row.kind != row.Kind.BY_HAND:
        found.append((row.ended_at, _("As usual again.")))
    if row.acknowledged_at:
        found.append((row.acknowledged_at, _("%(who)s is on it.") % {"who": row.acknowledged_by}))
    if row.closed_at:
        who = {"who": row.closed_by or "Touchline", "outcome": row.get_outcome_display()}
        found.append((row.closed_at, _("Closed by %(who)s: %(outcome)s.") % who))
    return sorted(found, key=lambda entry: entry[0])


def picture(
    counts: Sequence[Sequence[float]], *, is_hourly: bool, marked: tuple[datetime, datetime] | None = None
) -> dict[str, Any] | None:
    """The counts with what was expected, as a picture and a table; None where nothing was counted yet."""
    if not counts:
        return None
    moments = [datetime.fromtimestamp(row[0], UTC) for row in counts]
    labels = [date_format(localtime(moment), "H:i") for moment in moments]
    rows = [
        (date_format(localtime(moment), in_order("j M H:i")), row[1:5])
        for moment, row in zip(moments, counts, strict=True)
    ]
    unit = _("mentions in the hour before") if is_hourly else _("mentions in five minutes")
    peak = max(range(len(counts)), key=lambda place: counts[place][1])
    summary = _("%(unit)s; at most %(most)d at %(when)s, where %(low)s to %(high)s are usual") % {
        "unit": unit,
        "most": counts[peak][1],
        "when": rows[peak][0],
        "low": number(round(counts[peak][2])),
        "high": number(round(counts[peak][4])),
    }
    return {
        "title": _("Counts and what is usual"),
        "summary": summary[0].upper() + summary[1:],
        "drawings": drawings(
            [row[1] for row in counts],
            labels=labels,
            said=[labelled(when, number(counted[0])) for when, counted in rows],
            marked=[marked is not None and marked[0] <= moment < marked[1] for moment in moments],
            expected=[(row[2], row[3], row[4]) for row in counts],
        ),
        "heads": [_("From"), _("Mentions"), _("Usually at least"), _("Usual"), _("Usually at most")],
        "rows": [(when, *map(number, counted)) for when, counted in rows],
    }


@require_POST
@needs("listening.acknowledge")
def acknowledge(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that one is on it."""
    row = actions.acknowledge(get_object_or_404(EarlyWarning, pk=pk), **acting(request))
    said = _("You are on it.") if row.acknowledged_by_id == request.member.pk else _("Somebody is on it already.")
    return done(request, said, to=_to(request, pk))


@require_POST
@needs("listening.close_warning")
def close_warning(request: MemberRequest, pk: int) -> HttpResponse:
    """Note how it ended."""
    row = get_object_or_404(EarlyWarning, pk=pk)
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "")[:1000]
    try:
        actions.close_warning(row, outcome=outcome, note=note, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:warning", args=[pk]))
    undo = Undo(reverse("listening:reopen_warning", args=[pk]))
    return done(request, _("Closed. The next warning here learns from it."), to=_to(request, pk), undo=undo)


@require_POST
@needs("listening.close_warning")
def reopen_warning(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the note back."""
    actions.reopen_warning(get_object_or_404(EarlyWarning, pk=pk), **acting(request))
    return done(request, _("The warning is open again."), to=_to(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.raise_warning")
def raise_warning(request: MemberRequest) -> HttpResponse:
    """Warn the coaches on call because of some mentions: `mention` in the address, once for each."""
    keys = [key for text in request.POST.getlist("mention") + request.GET.getlist("mention") if (key := key_in(text))]
    mentions = list(Mention.objects.filter(pk__in=keys).with_posts().order_by("pk"))
    if keys and not mentions:
        raise Http404
    form = RaiseForm(request.POST or None, initial={"title": str(mentions[0])[:120] if mentions else ""})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row = actions.raise_warning(mentions, **form.cleaned_data, **acting(request))
            return done(request, _("The coaches on call are told."), to=reverse("listening:warning", args=[row.pk]))
    told = coaches_to_tell(clock.now())
    context = {"form": form, "mentions": mentions, "told": told}
    return page(request, "listening/raise_warning.html", context, status=422 if form.errors else 200)


@require_safe
@needs("listening.read_warnings")
def watched(request: MemberRequest) -> HttpResponse:
    """All series that are watched, with how rare something must be for a warning."""
    rows = WatchedSeries.objects.select_related("query", "topic").order_by("pk")
    if after := key_in(request.GET.get("after", "")):
        rows = rows.filter(pk__gt=after)
    shown = list(rows.defer("detector", "recent", "episode")[: 2 * PER_PAGE + 1])
    context = {"series": shown[: 2 * PER_PAGE], "after": shown[-2].pk if len(shown) > 2 * PER_PAGE else None}
    return page(request, "listening/watched.html", context)


@require_safe
@needs("listening.read_warnings")
def series(request: MemberRequest, pk: int) -> HttpResponse:
    """One series: its counts with what is usual, its warnings, and how rare a warning is."""
    row = get_object_or_404(WatchedSeries.objects.select_related("query", "topic"), pk=pk)
    context = {
        "series": row,
        "picture": picture(row.recent, is_hourly=row.is_hourly),
        "warnings": row.warnings.order_by("-pk")[:PER_PAGE],
        "may_tune": decide(request.member, "listening.tune_warnings"),
    }
    return page(request, "listening/series.html", context)


@require_POST
@needs("listening.tune_warnings")
def tune(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a series warn as it did in the beginning."""
    actions.tune(get_object_or_404(WatchedSeries, pk=pk), **acting(request))
    return done(request, _("It warns as it did in the beginning."), to=reverse("listening:series", args=[pk]))


@require_POST
@needs("listening.manage_events")
def add_event(request: MemberRequest) -> HttpResponse:
    """Say that more is to be expected for a time."""
    form = KnownEventForm(request.POST)
    if form.is_valid():
        try:
            event = actions.add_event(**form.cleaned_data, **acting(request))
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return done(request, _("“%(event)s” is known.") % {"event": event}, to=reverse("listening:warnings"))
    return _warnings(request, form)


@require_POST
@needs("listening.manage_events")
def remove_event(request: MemberRequest, pk: int) -> HttpResponse:
    """Expect nothing any more."""
    actions.remove_event(get_object_or_404(KnownEvent, pk=pk), **acting(request))
    return done(request, _("The event is removed."), to=reverse("listening:warnings"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge_by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Acknowledge one warning from its mail: the signed link is the key; reading it changes nothing."""
    try:
        organization_id, warning_id, member_id = read_token(token)
        found = housekeeping.warning_of_link(organization_id, warning_id, member_id)
    except signing.BadSignature:
        found = None
    if found is None:
        return render(request, "listening/acknowledge.html", {"is_valid": False}, status=404)
    row, member = found
    with answering_for(row.organization):
        if request.method == "POST":
            try:
                row = actions.acknowledge(row, by=member, at=clock.now())
            except PermissionDenied:
                return render(request, "listening/acknowledge.html", {"is_valid": False}, status=403)
        context = {
            "is_valid": True,
            "warning": row,
            "by": row.acknowledged_by,
            "is_mine": row.acknowledged_by_id == member.pk,
            "home": f"/o/{row.organization.slug}/warnings/{row.pk}/",
        }
        response = render(request, "listening/acknowledge.html", context)
    # Told to no other place, but to our own form: without any a browser says that the form comes from nowhere.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _to(request: MemberRequest, pk: int) -> str:
    return back_to(request, reverse("listening:warning", args=[pk]))
