"""Judge the practices at one moment, for the whole and each department, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from maturity.evidence.asked import Asked, Figures
from maturity.models import Attestation
from maturity.practices import PRACTICES, Practice
from measurement.selecting import Side
from roles.models import Department, Level
from roles.tenancy import active_organization

NEXT = 3


@dataclass(frozen=True)
class Verdict:
    """Whether one practice holds, and by what."""

    practice: Practice
    holds: bool
    figure: float | None = None
    attestation: Attestation | None = None
    # Where its figure was counted, where that is one of the two.
    side: Side | None = None

    @property
    def come(self) -> float:
        """How far it has come on its way to the threshold, from 0 to 1."""
        evidence = self.practice.evidence
        if self.holds:
            return 1.0
        if evidence is None or self.figure is None:
            return 0.0
        if evidence.at_most:
            return evidence.threshold / self.figure if self.figure else 1.0
        return min(1.0, self.figure / evidence.threshold)

    def frozen(self) -> dict[str, Any]:
        """What of it is kept with an assessment: words too, so that it can be read when practices have changed."""
        practice, evidence, attestation = self.practice, self.practice.evidence, self.attestation
        kept: dict[str, Any] = {
            "practice": practice.key,
            "level": practice.level.value,
            "title": str(practice.title),
            "holds": self.holds,
        }
        if evidence is not None:
            kept |= {"side": self.side} if self.side else {}
            return kept | {
                "figure": self.figure,
                "threshold": evidence.threshold,
                "unit": evidence.unit,
                "at_most": evidence.at_most,
                "window": str(evidence.window),
            }
        if attestation is not None:
            kept |= {
                "attested_by": str(attestation.attested_by or ""),
                "note": attestation.note,
                "lapses_on": attestation.lapses_on.isoformat(),
            }
        return kept


@dataclass(frozen=True)
class Judgement:
    """All practices of the whole organization or of a department, and the level that follows."""

    department: Department | None
    level: Level
    verdicts: Sequence[Verdict]

    def of_level(self, level: Level) -> list[Verdict]:
        """The verdicts on the practices of one level."""
        return [verdict for verdict in self.verdicts if verdict.practice.level == level]

    def is_complete(self, level: Level) -> bool:
        """Whether all practices of a level hold."""
        return all(verdict.holds for verdict in self.of_level(level))

    @property
    def held(self) -> int:
        """How many practices hold."""
        return sum(verdict.holds for verdict in self.verdicts)

    @property
    def carries(self) -> bool:
        """Whether the practices carry any level at all."""
        return self.is_complete(Level.PASSIVE)

    @property
    def suggested(self) -> Level:
        """The highest level whose practices, and those of all lower ones, hold; where not even the lowest do, that."""
        reached = Level.PASSIVE
        for level in Level:
            if not self.is_complete(level):
                break
            reached = level
        return reached

    @property
    def next_steps(self) -> list[Verdict]:
        """What is most worth working on: the lowest level that is not complete first, and there what is nearest."""
        missing = [verdict for verdict in self.verdicts if not verdict.holds]
        order = {verdict.practice.key: number for number, verdict in enumerate(self.verdicts)}
        return sorted(
            missing,
            key=lambda verdict: (verdict.practice.level.rank, -verdict.come, order[verdict.practice.key]),
        )[:NEXT]


def judge(asked: Asked) -> dict[int | None, Judgement]:
    """Judge the whole organization (None) and every department, by the department's key."""
    figures = {practice.key: practice.evidence.read(asked) for practice in PRACTICES if practice.evidence is not None}
    attested = _attested(asked)
    level = Level(active_organization().level)
    whole = Judgement(None, level, [_verdict(practice, None, asked, figures, attested) for practice in PRACTICES])
    found: dict[int | None, Judgement] = {None: whole}
    for row in Department.objects.select_related("organization", "parent"):
        verdicts = [_verdict(practice, row.pk, asked, figures, attested) for practice in PRACTICES]
        found[row.pk] = Judgement(row, row.effective_level, verdicts)
    return found


def _attested(asked: Asked) -> dict[tuple[str, int | None], Attestation]:
    """The newest attestation that stands, by practice and department."""
    today = asked.today
    found: dict[tuple[str, int | None], Attestation] = {}
    for row in Attestation.objects.standing(asked.at, today):
        found.setdefault((row.practice, row.department_id), row)
    return found


def _verdict(
    practice: Practice,
    department: int | None,
    asked: Asked,
    figures: dict[str, Figures],
    attested: dict[tuple[str, int | None], Attestation],
) -> Verdict:
    if practice.evidence is None:
        # What is attested of the whole holds in its parts too.
        said = attested.get((practice.key, department)) or attested.get((practice.key, None))
        return Verdict(practice, said is not None, attestation=said)
    read = figures[practice.key]
    # A figure of the whole alone, such as its tracking queries, is that of its parts too.
    figure = read[None] if set(read) == {None} else read.get(department)
    side = asked.sides[practice.evidence.of] if practice.evidence.of else None
    return Verdict(practice, practice.evidence.is_met(figure), figure, side=side)
