"""What a new organization does first, ticked from what is there; each app names its own steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, QuerySet, Value
from django.urls import reverse
from django.utils.functional import Promise

from roles.models import Member, Organization
from roles.permissions import Decision, decide
from roles.tenancy import active_organization, active_organization_id

Fact = Callable[[], "QuerySet[Any]"]


@dataclass(frozen=True)
class SetUpStep:
    """One step: why, where it is done, by whom, and the rows whose being there says that it is done."""

    name: str
    order: int
    title: str | Promise
    text: str | Promise
    url_name: str
    label: str | Promise
    capability: str
    # All of these must find something.
    facts: tuple[Fact, ...]
    # Which part of the page, as `#settings`.
    part: str = ""


@dataclass(frozen=True)
class Shown:
    """A step as one person sees it now."""

    step: SetUpStep
    is_done: bool
    may: Decision
    url: str


_steps: list[SetUpStep] = []


def add_steps(steps: Iterable[SetUpStep]) -> None:
    """Put steps into the list."""
    _steps.extend(step for step in steps if all(one.name != step.name for one in _steps))
    _steps.sort(key=lambda step: step.order)


def steps_for(member: Member) -> list[Shown]:
    """Return all steps, in order, as a member sees them."""
    done = _done_for(member)
    return [
        Shown(step, done[step.name], decide(member, step.capability), reverse(step.url_name) + step.part)
        for step in _steps
    ]


@dataclass(frozen=True)
class Way:
    """How far an organization has come with its first steps, and what is next for one person."""

    done: int
    steps: int
    next: Shown | None


def way(member: Member) -> Way | None:
    """How far it has come, for those who take the steps, until all are done or the list is put away."""
    if active_organization().set_up_ended_at is not None or not decide(member, "roles.set_up"):
        return None
    steps = steps_for(member)
    waiting = [shown for shown in steps if not shown.is_done]
    found = Way(len(steps) - len(waiting), len(steps), next_of(waiting))
    return found if waiting else None


def next_of(waiting: Iterable[Shown]) -> Shown | None:
    """What is next of the open steps: the first that the person may do, for what is somebody else's can wait."""
    steps = list(waiting)
    return next((shown for shown in steps if shown.may), next(iter(steps), None))


def open_steps(member: Member) -> int:
    """How many steps of the member's organization are not done."""
    return sum(not is_done for is_done in _done_for(member).values())


def _done_for(member: Member) -> dict[str, bool]:
    """Asked once for whoever looks: navigation, guide and page of one request say the same."""
    if member.first_steps is None:
        member.first_steps = _done()
    return member.first_steps


def _done() -> dict[str, bool]:
    """Which steps are done, in one statement."""
    asked = {f"{step.name}_{number}": Exists(fact()) for step in _steps for number, fact in enumerate(step.facts)}
    found = (
        Organization.objects.filter(pk=active_organization_id())
        .annotate(nothing=Value(True, output_field=BooleanField()), **asked)
        .values("nothing", *asked)
        .get()
    )
    return {step.name: all(found[f"{step.name}_{number}"] for number in range(len(step.facts))) for step in _steps}
