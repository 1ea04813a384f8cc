"""The cadence: the blocks that people commit, what comes of them, and how they were kept."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from content.cadence import cadence_now
from maturity import kept_together as together
from maturity.actions import cadence as actions
from maturity.cadence import overlapping
from maturity.cadence_file import cadence_file
from maturity.cadence_forms import ReminderForm
from maturity.housekeeping import cadence_of
from maturity.keeping import records, told
from maturity.models import CadenceSetting
from maturity.spent import day_of
from maturity.teams import coached_by
from measurement.files import as_csv
from measurement.people import bounded
from measurement.selection_forms import SelectionForm, days_in_words
from roles import clock
from roles.forms import refusals_in
from roles.limits import limited
from roles.links import outside_address
from roles.models import Department, TimeBlock
from roles.permissions import decide
from roles.respond import MemberRequest, done, needs, page
from roles.tenancy import answering_for

AHEAD = 13  # days beside today
MOST_BLOCKS = 200


@require_safe
@needs("maturity.keep_cadence")
def cadence(request: MemberRequest) -> HttpResponse:
    """Show the coming two weeks of one's blocks, and how those of the last eight weeks were kept."""
    return _page(request)


@require_safe
@needs("maturity.read_time")
def cadence_of_people(request: MemberRequest) -> HttpResponse:
    """Show how the people whom one coaches kept their cadence."""
    members = list(coached_by(request.member).prefetch_related("positions"))
    context = {"records": [row for row in records(members, at=clock.now()) if row.due]}
    return page(request, "maturity/cadence_people.html", context)


@require_safe
@needs("measurement.read")
def kept_blocks(request: MemberRequest) -> HttpResponse:
    """Show the blocks behind a figure: of many together, and one by one to whoever coaches all of them."""
    at = clock.now()
    form = SelectionForm.of_address(request.GET, at=at)
    selection = bounded(form.selection(at))
    window = selection.window
    department = Department.objects.filter(pk=selection.department).first() if selection.department else None
    found = together.kept_blocks(department, request.member, window.first, window.last, at=at)
    shown = found if found is not None and found.are_shown else None
    weeks = together.spans(shown, window.first, window.last) if shown else []
    if request.GET.get("as") == "csv":
        head = [_("From"), _("To"), _("Blocks to keep"), _("Kept")]
        lines = [[span.first.isoformat(), span.last.isoformat(), span.due, span.kept] for span in weeks]
        return as_csv([head, *lines], name=f"kept-blocks-{window.first}-{window.last}")
    blocks = sorted(shown.blocks, key=lambda one: one[1].occurrence.begins_at, reverse=True) if shown else []
    context = {
        "form": form, "shown": shown, "weeks": weeks, "days": days_in_words(window),
        "department": department, "blocks": blocks[:MOST_BLOCKS] if shown and shown.by_person else [],
        "most": MOST_BLOCKS if len(blocks) > MOST_BLOCKS else None, "query_string": request.GET.urlencode(),
    }  # fmt: skip
    return page(request, "maturity/kept_blocks.html", context)


@require_POST
@needs("maturity.keep_cadence")
def make_feed(request: MemberRequest) -> HttpResponse:
    """Make an address for one's own calendar and show it, this once."""
    member = request.member
    key = actions.make_feed(member, by=member, at=clock.now())
    response = _page(request, address=outside_address("maturity:cadence_feed", key))
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs("maturity.keep_cadence")
def revoke_feed(request: MemberRequest) -> HttpResponse:
    """End the address."""
    member = request.member
    actions.revoke_feed(member, by=member, at=clock.now())
    return done(request, _("The address is no longer answered."), to=reverse("maturity:cadence"))


@require_POST
@needs("maturity.keep_cadence")
def set_reminder(request: MemberRequest) -> HttpResponse:
    """Choose when one is reminded."""
    member = request.member
    form = ReminderForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            actions.set_reminder(member, **form.cleaned_data, by=member, at=clock.now())
            return done(request, _("Saved."), to=reverse("maturity:cadence"))
    return _page(request, reminder_form=form)


@never_cache
@limited("cadence", most=120, seconds=600)
@require_safe
def cadence_feed(request: HttpRequest, key: str) -> HttpResponse:
    """Give the cadence whose address this is to a calendar program; 404 where nobody has it any more."""
    member = cadence_of(key)
    if member is None:
        raise Http404
    with answering_for(member.organization):
        return HttpResponse(cadence_file(member, at=clock.now()), content_type="text/calendar; charset=utf-8")


def _page(request: MemberRequest, *, address: str = "", reminder_form: ReminderForm | None = None) -> HttpResponse:
    member = request.member
    at = clock.now()
    today = day_of(at)
    setting = CadenceSetting.objects.filter(member=member).first()
    blocks = list(TimeBlock.objects.filter(member=member))
    remind = setting.remind_minutes if setting else None
    context = {
        "blocks": blocks,
        "overlaps": overlapping(blocks),
        "coming": told([member], today, today + timedelta(days=AHEAD), at=at)[member.pk],
        "record": records([member], at=at)[0],
        "setting": setting,
        "address": address,
        "reminder_form": reminder_form or ReminderForm(initial={"minutes": remind or ""}),
        "may_see_people": decide(member, "maturity.read_time"),
        "channels": cadence_now(request.organization.zone, at=at) if decide(member, "content.read") else [],
    }
    return page(request, "maturity/cadence.html", context, status=422 if reminder_form is not None else 200)
