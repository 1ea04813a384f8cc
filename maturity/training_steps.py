"""Which steps of trainings are done: noted as such, or, where a yes is asked for, said where the guidelines stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from maturity.models import Acknowledgement, Drill, GuidelineSection, Training, TrainingStep
from roles.models import Member


@dataclass(frozen=True)
class Done:
    """That a step is done: since when, and who confirmed it, by which drill and score."""

    at: datetime | None
    confirmed_by: Member | None = None
    note: str = ""
    drill: Drill | None = None
    score: float | None = None


# By the key of a training, then by that of its step.
DoneSteps = dict[int, dict[int, Done]]


def done_steps(trainings: Iterable[Training]) -> DoneSteps:
    """What is done of trainings that were read with their steps; two statements beside them, however many."""
    rows = list(trainings)
    found: DoneSteps = {
        row.pk: {
            made.step_id: Done(made.done_at, made.confirmed_by, made.note, made.drill, made.score)
            for made in row.done.all()
        }
        for row in rows
    }
    asking = []
    for row in rows:
        for step in (one for one in row.path.steps.all() if one.kind == TrainingStep.Kind.ACKNOWLEDGE):
            if row.finished_at is not None:
                # What changed since is asked where the guidelines stand, not by a path that is finished.
                found[row.pk][step.pk] = Done(row.finished_at)
            else:
                asking.append((row, step))
    if not asking:
        return found
    sections = set(GuidelineSection.objects.in_force().values_list("pk", flat=True))
    yes = _said({row.member_id for row, _step in asking})
    for row, step in asking:
        # A section that was retired asks nobody for anything.
        wanted = sections if step.section_id is None else sections & {step.section_id}
        said = yes[row.member_id]
        if wanted <= said.keys():
            found[row.pk][step.pk] = Done(max((said[key] for key in wanted), default=None))
    return found


def is_complete(training: Training, done: DoneSteps) -> bool:
    """Whether all of its steps are done."""
    return all(step.pk in done[training.pk] for step in training.path.steps.all())


def _said(members: set[int]) -> defaultdict[int, dict[int, datetime]]:
    """When members said yes to what sections say now, by member and section."""
    found: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    rows = Acknowledgement.objects.that_count().filter(member__in=members).order_by("acknowledged_at")
    for member, section, at in rows.values_list("member", "version__section", "acknowledged_at"):
        found[member].setdefault(section, at)
    return found
