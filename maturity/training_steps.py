"""Which steps of trainings are done: noted as such, said where the guidelines stand, or shown by what was published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from content.writers import said_in_house
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
    """What is done of trainings that were read with their steps; three statements beside them, however many."""
    rows = list(trainings)
    found: DoneSteps = {
        row.pk: {
            made.step_id: Done(made.done_at, made.confirmed_by, made.note, made.drill, made.score)
            for made in row.done.all()
        }
        for row in rows
    }
    open_steps = []
    for row in rows:
        for step in (one for one in row.path.steps.all() if one.kind in TrainingStep.SHOWN):
            if row.finished_at is not None:
                # What changed since is asked where the guidelines stand, not by a path that is finished.
                found[row.pk][step.pk] = Done(row.finished_at)
            else:
                open_steps.append((row, step))
    _show_published(found, [(row, step) for row, step in open_steps if step.kind == TrainingStep.Kind.PUBLISH])
    _show_yes(found, [(row, step) for row, step in open_steps if step.kind == TrainingStep.Kind.ACKNOWLEDGE])
    return found


def _show_published(found: DoneSteps, asking: list[tuple[Training, TrainingStep]]) -> None:
    """A piece of the person's that was published in-house: whenever that was, for a renewal since it began."""
    if not asking:
        return
    said = said_in_house({row.member_id for row, _step in asking})
    for row, step in asking:
        moments = said.get(row.member_id)
        at = moments and (moments[0] if row.round == 1 else moments[1])
        if at and (row.round == 1 or at >= row.started_at):
            found[row.pk][step.pk] = Done(at)


def _show_yes(found: DoneSteps, asking: list[tuple[Training, TrainingStep]]) -> None:
    if not asking:
        return
    sections = set(GuidelineSection.objects.in_force().values_list("pk", flat=True))
    yes = _said({row.member_id for row, _step in asking})
    for row, step in asking:
        # A section that was retired asks nobody for anything.
        wanted = sections if step.section_id is None else sections & {step.section_id}
        said = yes[row.member_id]
        if wanted <= said.keys():
            found[row.pk][step.pk] = Done(max((said[key] for key in wanted), default=None))


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
