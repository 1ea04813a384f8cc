"""Put verdicts into words, and name the pages behind them, as one member may see them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from maturity.evidence.asked import Asked
from maturity.figures_in_words import needed, said
from maturity.judging import Judgement, Verdict
from maturity.ladder import Rung, ladder
from maturity.practices import Place, Text
from roles.capability_words import LABELS
from roles.levels import BRINGS, OPENED_BY
from roles.models import EarlyOpening, Level, Member
from roles.permissions import decide


@dataclass(frozen=True)
class Link:
    """A page and its name."""

    url: str
    label: str


@dataclass(frozen=True)
class Shown:
    """A verdict as it stands on the page."""

    verdict: Verdict
    figure: str
    needed: str
    percent: int
    rows: Link | None
    place: Link | None

    @property
    def is_practised(self) -> bool:
        """Whether its figure was counted on the practice field."""
        return self.verdict.side == "practice"

    @property
    def window(self) -> Text:
        """Over which time its figure is counted."""
        evidence = self.verdict.practice.evidence
        return evidence.window if evidence else ""


@dataclass(frozen=True)
class Opens:
    """One thing that a level opens: whether it is open here, and whether before its level."""

    label: Text
    early: EarlyOpening | None


@dataclass(frozen=True)
class Step:
    """One rung with its practices."""

    rung: Rung
    practices: list[Shown]
    opens: list[Opens]
    is_suggested: bool

    @property
    def level(self) -> Level:
        """The level of the rung."""
        return self.rung.level

    @property
    def held(self) -> int:
        """How many of its practices hold."""
        return sum(shown.verdict.holds for shown in self.practices)

    @property
    def is_complete(self) -> bool:
        """Whether all of them do."""
        return self.held == len(self.practices)


def steps(judgement: Judgement, asked: Asked, member: Member, early: list[EarlyOpening]) -> list[Step]:
    """The four rungs from the lowest, each with its practices and with what it opens."""
    opened = {
        str(LABELS.get(name, name)): row for row in early for name in {row.capability, *BRINGS.get(row.capability, ())}
    }
    found = []
    for rung in ladder(judgement.level):
        practices = [show(verdict, asked, member, judgement) for verdict in judgement.of_level(rung.level)]
        opens = [Opens(label, None if rung.is_reached else opened.get(str(label))) for label in rung.opens]
        found.append(Step(rung, practices, opens, judgement.carries and rung.level == judgement.suggested))
    return found


def show(verdict: Verdict, asked: Asked, member: Member, judgement: Judgement) -> Shown:
    """One verdict in words, with the pages that this member may open."""
    practice, evidence = verdict.practice, verdict.practice.evidence
    return Shown(
        verdict,
        said(verdict.figure, evidence.unit) if evidence else "",
        needed(evidence.threshold, evidence.unit, at_most=evidence.at_most) if evidence else "",
        round(100 * verdict.come),
        _link(evidence.rows, asked, member, judgement) if evidence else None,
        _link(practice.place, asked, member, judgement),
    )


def practised(asked: Asked) -> str:
    """Say what of the evidence rests on the practice field, where some of it does."""
    hearing, answering = (asked.sides[sense] == "practice" for sense in ("hearing", "answering"))
    if hearing and answering:
        return _("Nothing outside was heard or answered yet: what is counted here is the practice field.")
    if answering:
        return _("We listen outside and answer on the practice field only: what shows how we answer is counted there.")
    if hearing:
        return _("We answer outside and listen on the practice field only: what shows how we listen is counted there.")
    return ""


def openings(department_id: int | None, *, follows: bool) -> list[EarlyOpening]:
    """What is open before its level in a department; where it follows the organization, with what is open there."""
    rows = EarlyOpening.objects.in_force().with_people().order_by("pk")
    return [row for row in rows if row.department_id == department_id or (follows and row.department_id is None)]


def lockable(level: Level) -> list[str]:
    """The capabilities that a level does not open yet."""
    return [capability for capability, needed in OPENED_BY.items() if needed.rank > level.rank]


def _link(place: Place | None, asked: Asked, member: Member, judgement: Judgement) -> Link | None:
    if place is None or not decide(member, place.capability):
        return None
    query = dict(place.query)
    if place.url_name == "measurement:assignments":
        query["of"] = asked.sides["answering"]
        if judgement.department is not None:
            query["department"] = str(judgement.department.pk)
    if place.dates:
        query |= {"from": asked.window.first.isoformat(), "to": asked.window.last.isoformat()}
    address = reverse(place.url_name)
    return Link(f"{address}?{urlencode(query)}" if query else address, str(place.label))
