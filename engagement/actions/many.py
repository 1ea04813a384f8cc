"""The same verb on several assignments: each by its own action, in its own transaction, with its own answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from engagement.actions import assignments as actions
from engagement.actions import priorities
from engagement.models import Assignment
from engagement.refusals import Refusal
from roles.models import Member

MOST = 50
VERBS: Mapping[str, Callable[..., Assignment]] = {
    "claim": actions.claim,
    "hand_off": actions.hand_off,
    "snooze": actions.snooze,
    "set_priority": priorities.set_priority,
    "resolve": actions.resolve,
}
UNDONE_BY: Mapping[str, Callable[..., Assignment]] = {
    "claim": actions.release,
    "hand_off": actions.hand_back,
    "snooze": actions.wake,
    "set_priority": priorities.put_priority_back,
    "resolve": actions.reopen,
}


@dataclass(frozen=True)
class Answer:
    """What became of one of them: nothing to say, or why not."""

    assignment: Assignment
    problem: str = ""

    @property
    def was_done(self) -> bool:
        """Whether it was done."""
        return not self.problem


def do_to_many(
    rows: Sequence[tuple[Assignment, int | None]], *, verb: str, by: Member, at: datetime, **fields: Any
) -> list[Answer]:
    """Do a verb to assignments, each seen at a version, and say for each what became of it."""
    return [_do(VERBS[verb], row, by=by, at=at, version=version, **fields) for row, version in _bounded(rows)]


def undo_many(rows: Sequence[Assignment], *, verb: str, by: Member, at: datetime) -> list[Answer]:
    """Take back what a verb did to assignments, where nothing has happened to them since that stands in the way."""
    return [_do(UNDONE_BY[verb], row, by=by, at=at) for row in _bounded(rows)]


def _bounded(rows: Sequence[Any]) -> Sequence[Any]:
    if len(rows) > MOST:
        raise ValidationError(_("Choose at most %(most)s at once.") % {"most": MOST})
    return rows


def _do(verb: Callable[..., Assignment], row: Assignment, **said: Any) -> Answer:
    try:
        return Answer(verb(row, **said))
    except ValidationError as problem:
        return Answer(row, " ".join(problem.messages))
    except (Refusal, PermissionDenied) as problem:
        return Answer(row, str(problem))
