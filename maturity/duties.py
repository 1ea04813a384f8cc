"""The ten standing duties of whoever coordinates social media: where each is done, and what shows that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maturity.models import DutyNote
from roles.models import AuditEntry, Member
from roles.permissions import decide
from roles.sentences import sentence, with_names
from roles.wording import labelled, quoted

Text = str | Promise
State = Literal["done", "overdue", "never"]


@dataclass(frozen=True)
class Page:
    """A page of the house on which a duty is done."""

    label: Text
    url_name: str
    capability: str


@dataclass(frozen=True)
class Duty:
    """What is to be done again and again, at least every so many days, and the entries of the log that show it."""

    key: str
    title: Text
    means: Text
    days: int
    pages: tuple[Page, ...]
    verbs: tuple[str, ...]


DUTIES = (
    Duty(
        "awareness", _("Keep the organization aware"),
        _("Those who are not here daily hear what is said, and what follows from it."), 14,
        (Page(_("Briefs"), "listening:briefs", "listening.read_briefs"),
         Page(_("Insights"), "listening:insights", "listening.read_briefs")),
        ("make_brief", "file_insight"),
    ),
    Duty(
        "strategy", _("Strategy and ambassadors"),
        _("It is written what we want, by which figures, and who speaks for us because they want to."), 92,
        (Page(_("Strategy and goals"), "maturity:strategy", "maturity.read"),
         Page(_("Experts"), "maturity:experts", "maturity.read")),
        ("set_canvas", "add_goal", "change_goal", "end_goal", "name_expert"),
    ),
    Duty(
        "inventory", _("Inventory of presences"),
        _("We know where we are, where we should be, and where our people speak."), 92,
        (Page(_("Presences"), "maturity:presences", "maturity.read"),),
        ("look_over_presences", "note_presence", "change_presence", "drop_presence"),
    ),
    Duty(
        "policies", _("Guidelines"),
        _("They say what people ask about today; gaps are closed."), 184,
        (Page(_("Guidelines"), "maturity:guidelines", "maturity.read"),
         Page(_("Gap reports"), "maturity:gaps", "maturity.manage_guidelines")),
        ("add_guideline", "change_guideline", "retire_guideline", "close_gap"),
    ),
    Duty(
        "training", _("Training without an end"),
        _("Whoever takes part has read what holds, and newcomers are led in."), 92,
        (Page(_("Who has read them"), "maturity:readers", "maturity.manage_guidelines"),
         Page(_("Training"), "maturity:training", "maturity.read"),
         Page(_("Drills"), "maturity:drills", "maturity.run_drills")),
        ("acknowledge_guidelines", "set_training", "write_path", "confirm_step", "start_drill", "judge_answer"),
    ),
    Duty(
        "tools", _("Choice of what we listen with"),
        _("Sources and queries still fit what is talked about, and where."), 92,
        (Page(_("Sources"), "listening:sources", "listening.read_sources"),
         Page(_("Tracking queries"), "listening:queries", "listening.read_sources")),
        ("add_source", "change_source", "remove_source", "import_sources", "add_query", "change_query",
         "remove_query"),
    ),
    Duty(
        "listening", _("Listen, and pass on"),
        _("What is heard is decided about, and reaches whoever it concerns."), 3,
        (Page(_("Stream"), "listening:stream", "listening.read"),),
        ("dismiss", "keep", "route_to", "decide_many", "dismiss_story", "route_story"),
    ),
    Duty(
        "engaging", _("Take part, or help those who do"),
        _("People are answered; those who answer get what they need."), 3,
        (Page(_("Queue"), "engagement:queue", "engagement.read"),
         Page(_("Worth joining"), "engagement:worth_joining", "engagement.find_conversations")),
        ("reply", "join", "consult", "answer_consult", "approve", "hand_off"),
    ),
    Duty(
        "figures", _("Figures, and what it brought"),
        _("Somebody has looked at where we stand, and said what follows."), 35,
        (Page(_("Measure"), "measurement:executive", "measurement.read"),
         Page(_("KPIs"), "measurement:kpis", "measurement.read"),
         Page(_("Return"), "measurement:worth", "measurement.read"),
         Page(_("Reports"), "measurement:reports", "measurement.read")),
        ("add_kpi", "change_kpi", "drop_kpi", "state_assumption", "withdraw_assumption", "compose_report",
         "change_report", "annotate", "assess", "change_goal", "end_goal"),
    ),
    Duty(
        "learning", _("Learn oneself"),
        _("What others do well is looked at; what was learned is shared with the other coaches."), 92,
        (Page(_("Huddle"), "maturity:huddle", "maturity.read_huddle"),),
        ("note_in_huddle",),
    ),
)  # fmt: skip
BY_KEY = {duty.key: duty for duty in DUTIES}
# What the application does by itself because somebody has set it up so; all else counts only where a person did it.
BY_ITSELF = ("make_brief",)


@dataclass(frozen=True)
class Standing:
    """A duty as it stands: when it was done last, by what that is shown, and where it is done."""

    duty: Duty
    state: State
    done_at: datetime | None
    shown_by: str
    pages: Sequence[Page]


def standings(member: Member, *, at: datetime) -> list[Standing]:
    """All ten as they stand, with the pages that this member may open; four statements."""
    verbs = sorted({verb for duty in DUTIES for verb in duty.verbs})
    newest = {entry.verb: entry for entry in with_names(AuditEntry.objects.newest_of(verbs, by_itself=BY_ITSELF))}
    notes: dict[str, DutyNote] = {}
    for note in DutyNote.objects.order_by("duty", "-pk").distinct("duty").select_related("noted_by__user"):
        notes[note.duty] = note
    return [_standing(duty, newest, notes.get(duty.key), member, at=at) for duty in DUTIES]


def _standing(
    duty: Duty, newest: dict[str, AuditEntry], note: DutyNote | None, member: Member, *, at: datetime
) -> Standing:
    entries = [newest[verb] for verb in duty.verbs if verb in newest]
    entry = max(entries, key=lambda one: one.at, default=None)
    done_at, shown_by = (entry.at, sentence(entry)) if entry else (None, "")
    if note is not None and (done_at is None or note.noted_at > done_at):
        done_at, shown_by = note.noted_at, labelled(note.noted_by or "–", quoted(note.note))
    state: State = "never" if done_at is None else "done" if done_at >= at - timedelta(days=duty.days) else "overdue"
    pages = [one for one in duty.pages if decide(member, one.capability)]
    return Standing(duty, state, done_at, shown_by, pages)
