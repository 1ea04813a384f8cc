"""Who has what open, and who writes there: kept by the broker for seconds, never in the database.

A subject is a word such as “assignment:12”. Each window of a member says for itself what it does; nobody is told of
their own. Where the broker is away there is nothing to show, and nothing fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import cast

import redis

from roles.live import broker, look_again
from roles.models import Member
from roles.tenancy import active_organization_id

LOOKING_SECONDS, WRITING_SECONDS, KEPT_SECONDS = 50, 12, 60
DOINGS = ("looking", "writing", "gone")
MOST_WINDOWS = 200
# After a failure the broker is left alone for a while: a page must not wait for it each time.
PAUSE_SECONDS = 10.0
# Where somebody is among many places: nearly all are empty, and an answer for each takes longer than everything else.
_OCCUPIED = """
local found = {}
for number, key in ipairs(KEYS) do
    local there = redis.call('HGETALL', key)
    if #there > 0 then table.insert(found, {number, there}) end
end
return found
"""
_WINDOW = re.compile(r"[a-z0-9]{4,16}")


@dataclass(frozen=True)
class Present:
    """A colleague who is there at this moment."""

    member_id: int
    name: str
    writes: bool


class _Broker:
    """The broker, left alone for a while after it failed."""

    quiet_until = 0.0

    def do(self, commands: Sequence[tuple[object, ...]]) -> list[object] | None:
        """Execute commands in one round trip; None where the broker is away."""
        if monotonic() < self.quiet_until:
            return None
        try:
            pipe = broker().pipeline(transaction=False)
            for command in commands:
                pipe.execute_command(*command)
            answers: list[object] = pipe.execute()
        except redis.RedisError:
            self.quiet_until = monotonic() + PAUSE_SECONDS
            return None
        return answers


_broker = _Broker()


def _key(subject: str) -> str:
    return f"touchline-presence:{active_organization_id()}:{subject}"


def say(subject: str, *, by: Member, window: str, doing: str, at: datetime) -> None:
    """Say what a member does in one of their windows: looking, writing or gone; pages hear of it when it is news."""
    if not _WINDOW.fullmatch(window) or doing not in DOINGS:
        raise ValueError("A window has a name of small letters and digits, and is looking, writing or gone.")
    key, now = _key(subject), at.timestamp()
    answers = _broker.do([("HGETALL", key)])
    if answers is None:
        return
    there = _read(answers[0])
    before = _doing(there, by.pk, now)
    field = f"{by.pk}:{window}"
    if doing == "gone":
        there.pop(field, None)
        commands: list[tuple[object, ...]] = [("HDEL", key, field)]
    elif field not in there and len(there) >= MOST_WINDOWS:
        return
    else:
        writing_until = now + WRITING_SECONDS if doing == "writing" else 0.0
        there[field] = (str(by), now + LOOKING_SECONDS, writing_until)
        commands = [("HSET", key, field, json.dumps(there[field])), ("EXPIRE", key, KEPT_SECONDS)]
    faded = [name for name, (_name, until, _writing) in there.items() if until < now]
    if faded:
        commands.append(("HDEL", key, *faded))
    if _broker.do(commands) is not None and _doing(there, by.pk, now) != before:
        look_again("presence", f"presence:{subject}")


def others(subjects: Iterable[str], *, but: Member, at: datetime) -> dict[str, list[Present]]:
    """Who else is there, by subject, those who write first; one question however many subjects."""
    asked = list(subjects)
    answers = _broker.do([("EVAL", _OCCUPIED, len(asked), *map(_key, asked))]) if asked else None
    if answers is None:
        return {}
    now, occupied = at.timestamp(), cast("list[tuple[int, list[bytes]]]", answers[0])
    found = {
        asked[number - 1]: _people(_read(dict(zip(there[::2], there[1::2], strict=True))), but.pk, now)
        for number, there in occupied
    }
    return {subject: people for subject, people in found.items() if people}


# By member and window: the name, until when they look, until when they write.
_There = dict[str, tuple[str, float, float]]


def _read(answer: object) -> _There:
    pairs = answer.items() if isinstance(answer, dict) else []
    return {
        field.decode(): (name, until, writing) for field, value in pairs for name, until, writing in [json.loads(value)]
    }


def _doing(there: _There, member_id: int, now: float) -> str:
    """What a member does in all their windows together."""
    mine = [value for field, value in there.items() if field.startswith(f"{member_id}:")]
    if any(writing > now for _name, _until, writing in mine):
        return "writing"
    return "looking" if any(until > now for _name, until, _writing in mine) else "gone"


def _people(there: _There, but: int, now: float) -> list[Present]:
    names = {int(field.split(":")[0]): value[0] for field, value in there.items()}
    doings = {member: _doing(there, member, now) for member in names if member != but}
    people = [Present(member, names[member], doing == "writing") for member, doing in doings.items() if doing != "gone"]
    return sorted(people, key=lambda person: (not person.writes, person.name))


# Who was seen on any page, for those who ask whether somebody is about; told to the broker once a minute at most.
SEEN_KEPT_SECONDS, SEEN_EVERY = 3600, 60.0
_told_at: dict[int, float] = {}


def mark_seen(member: Member, *, at: datetime) -> None:
    """Write down that a member uses the application."""
    now = at.timestamp()
    if now - _told_at.get(member.pk, 0.0) < SEEN_EVERY:
        return
    if len(_told_at) > MOST_TOLD:
        _told_at.clear()
    _told_at[member.pk] = now
    _broker.do([("SET", f"touchline-seen:{member.pk}", int(now), "EX", SEEN_KEPT_SECONDS)])


MOST_TOLD = 10_000


def seen(member_ids: Iterable[int], *, since: datetime) -> set[int]:
    """Those of the members who used the application since a moment; nobody where the broker is away."""
    asked = list(member_ids)
    answers = _broker.do([("GET", f"touchline-seen:{key}") for key in asked]) if asked else None
    moments = zip(asked, answers or [None] * len(asked), strict=True)
    return {key for key, said in moments if isinstance(said, bytes) and int(said) >= since.timestamp()}
