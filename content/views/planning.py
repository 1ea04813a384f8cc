"""Planning: put on a day of the calendar or at what a form says, moved, taken off again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from content.actions import publications as actions
from content.actions.publications import GRACE_MINUTES
from content.calendar import moved_to
from content.calendar_cards import place_of
from content.calendar_filter import Wanted
from content.clashes import Clash, clashes_of
from content.models import Publication, Variant
from content.plan_forms import PlanForm
from content.planning import YEARS, YEARS_SAID, due_of, zone_of
from content.slots import next_free, opening_named
from content.views.calendar import calendar_context
from engagement.refusals import Refusal, Stale
from roles import clock
from roles.asking import page_asking
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused, refused_by
from roles.wording import in_order

# What is put on a day without a time is said then.
USUAL = time(10)
FREE = 6
CHANGED = "content/calendar_changed.html"


class When(NamedTuple):
    """A day, what a clock shows on it, and whose clock that is."""

    on_day: date
    at_time: time
    zone: str

    @property
    def due_at(self) -> datetime:
        """The moment that this is; raises ValidationError for a zone that nobody knows."""
        return due_of(self.on_day, self.at_time, self.zone)

    def as_fields(self) -> dict[str, str]:
        """What a form sends that says it."""
        return {"on_day": f"{self.on_day}", "at_time": f"{self.at_time:%H:%M}", "zone": self.zone}


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.plan")
def plan(request: MemberRequest, pk: int) -> HttpResponse:
    """Plan when a variant is said: on the day onto which it was put, or as the form says."""
    variant = get_object_or_404(Variant.objects.with_piece(), pk=pk)
    at = clock.now()
    free = next_free(variant.channel, at=at, most=FREE)
    tomorrow = timezone.localtime(at).date() + timedelta(days=1)
    first = When(tomorrow, USUAL, request.organization.time_zone)
    if free:
        first = When(free[0].on_day, free[0].at_time, free[0].zone)
    form = _filled_in(request, first, GRACE_MINUTES)
    if request.method == "POST" and "look" not in request.POST:
        try:
            if when := _when(request, form, variant, None):
                grace = _grace(form) or GRACE_MINUTES
                publication = actions.plan(variant, **when._asdict(), grace_minutes=grace, **acting(request))
                undo = Undo(reverse("content:unplan", args=[publication.pk]), fields=_as_it_is(publication))
                return _moved(request, publication, undo)
        except (Refusal, ValidationError, PermissionDenied) as refusal:
            return _not_moved(request, form, variant, None, refusal)
    return _form(request, form, variant, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.plan")
def replan(request: MemberRequest, pk: int) -> HttpResponse:
    """Move a publication: onto the day on which it was put, or to when the form says."""
    publication = get_object_or_404(Publication.objects.with_everything(), pk=pk)
    was = When(publication.on_day, publication.at_time, publication.zone)
    form = _filled_in(request, was, publication.grace_minutes)
    if request.method == "POST" and "look" not in request.POST:
        try:
            if when := _when(request, form, publication.variant, publication):
                seen, grace = _seen(request), _grace(form)
                row = actions.replan(publication, **when._asdict(), grace_minutes=grace, was=seen, **acting(request))
                fields = was.as_fields() | {"grace_minutes": f"{publication.grace_minutes}"} | _as_it_is(row)
                return _moved(request, row, Undo(reverse("content:replan", args=[row.pk]), fields=fields))
        except (Refusal, ValidationError, PermissionDenied) as refusal:
            return _not_moved(request, form, publication.variant, publication, refusal)
    return _form(request, form, publication.variant, publication, moves_from=_seen(request))


@require_POST
@needs("content.plan")
def unplan(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a publication off the plan."""
    back = back_to(request, reverse("content:calendar"))
    publication = get_object_or_404(Publication.objects.with_everything(), pk=pk)
    try:
        row = actions.unplan(publication, was=_seen(request), **acting(request))
    except Refusal as problem:
        return refused_by(request, problem, to=back)
    undo = None
    if row.due_at > clock.now():
        again = When(row.on_day, row.at_time, row.zone).as_fields() | {"grace_minutes": f"{row.grace_minutes}"}
        undo = Undo(reverse("content:plan", args=[row.variant_id]), fields=again)
    return done(request, _("Taken off the plan."), to=back, undo=undo)


def _as_it_is(publication: Publication) -> dict[str, str]:
    """What a form sends to say from which moment it moves a publication."""
    return {"was": publication.due_at.isoformat()}


def _seen(request: MemberRequest) -> datetime | None:
    """When the publication was due as the page said from which this was sent; None where it said nothing."""
    try:
        moment = parse_datetime(request.POST.get("was", ""))
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _filled_in(request: MemberRequest, first: When, grace_minutes: int) -> PlanForm:
    """The form as it was sent; else with what was asked for in the address, or with what it begins with."""
    said = request.POST if request.method == "POST" else request.GET
    return PlanForm(said if "on_day" in said else None, initial=first._asdict() | {"grace_minutes": grace_minutes})


def _grace(form: PlanForm) -> int | None:
    """How late it may be, where the form says so."""
    return form.cleaned_data["grace_minutes"] if form.is_bound and form.is_valid() else None


def _when(request: MemberRequest, form: PlanForm, variant: Variant, publication: Publication | None) -> When | None:
    """The time that is asked for: a free slot, a day of the calendar, or what the form says; None where it is amiss."""
    if named := request.POST.get("slot", ""):
        opening = opening_named(named)
        if opening is None or opening.channel != variant.channel_id:
            raise Refusal(_("This slot is not one of %(channel)s.") % {"channel": variant.channel})
        return When(opening.on_day, opening.at_time, opening.zone)
    if form.is_bound:
        return _said(form) if form.is_valid() else None
    zone = Wanted.at_address(request.POST.get("next", "")).zone
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return None
    if day.year not in YEARS:
        raise Refusal(_("Choose a day between %(first)s and %(last)s.") % YEARS_SAID)
    if publication is not None:
        return When(moved_to(publication, day, zone), publication.at_time, publication.zone)
    return When(day, USUAL, zone.key)


def _moved(request: MemberRequest, publication: Publication, undo: Undo) -> HttpResponse:
    back = back_to(request, reverse("content:calendar"))
    when = formats.date_format(publication.due_at.astimezone(zone_of(publication.zone)), in_order("l, j F, H:i"))
    said = {"title": publication.variant.piece, "when": when, "zone": place_of(publication.zone)}
    message = _("“%(title)s” is planned for %(when)s (%(zone)s).") % said
    if not _is_on_calendar(request):
        return done(request, message, to=back, undo=undo)
    context = calendar_context(request, Wanted.at_address(back))
    return done(request, message, to=back, undo=undo, template=CHANGED, context=context)


def _is_on_calendar(request: MemberRequest) -> bool:
    """Whether the open page is the calendar, which is drawn anew where it stands."""
    return page_asking(request).split("?")[0].endswith("/content/calendar/")


def _not_moved(
    request: MemberRequest, form: PlanForm, variant: Variant, publication: Publication | None,
    refusal: Exception,
) -> HttpResponse:  # fmt: skip
    """What stood on the form stays there; what was dragged stays where it is, and the reason is said."""
    reason = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
    is_stale = isinstance(refusal, Stale)
    if form.is_bound:
        form.is_valid()
        form.add_error(None, reason)
        # Whoever has read where it is now, and sends the form again, means it.
        return _form(request, form, variant, publication, moves_from=None if is_stale else _seen(request))
    back = back_to(request, reverse("content:calendar"))
    if is_stale and _is_on_calendar(request):
        context = {"flash": {"message": reason, "level": "error"}, **calendar_context(request, Wanted.at_address(back))}
        return render(request, CHANGED, context, status=409)
    return refused(request, reason, to=back)


def _form(
    request: MemberRequest, form: PlanForm, variant: Variant, publication: Publication | None,
    moves_from: datetime | None = None,
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    when = _looked_at(form)
    context = {
        "form": form,
        "variant": variant,
        "publication": publication,
        "was": (moves_from or publication.due_at).isoformat() if publication else "",
        "back": back_to(request, reverse("content:calendar")),
        "clocks": clocks(when.due_at, when.zone, request.organization.time_zone) if when else [],
        "clashes": _clashes(variant, when, publication, at),
        "free": next_free(variant.channel, at=at, most=FREE),
    }
    status = 422 if form.errors and request.method == "POST" else 200
    return page(request, "content/plan.html", context, part="checks" if request.method == "GET" else "", status=status)


def _looked_at(form: PlanForm) -> When | None:
    """The time that stands on the form, where it is one."""
    if form.is_bound:
        form.is_valid()
    return _said(form)


def _said(form: PlanForm) -> When | None:
    """The time that stands on a form that was read, or with which it begins; None where a part of it is amiss."""
    said = form.cleaned_data if form.is_bound else form.initial
    return When(*(said[name] for name in When._fields)) if set(When._fields) <= set(said) else None


def _clashes(
    variant: Variant, when: When | None, publication: Publication | None, at: datetime
) -> list[Clash]:  # fmt: skip
    return clashes_of(variant, when.due_at, at=at, publication=publication) if when else []


def clocks(due_at: datetime, *zones: str) -> list[tuple[str, datetime]]:
    """What the clocks of these zones show at a moment, each zone once."""
    # Without their zones, for a page shows moments in its own.
    return [(place_of(name), due_at.astimezone(zone_of(name)).replace(tzinfo=None)) for name in dict.fromkeys(zones)]
