"""The choice of a person: everything that the assignment policy weighs, in its order, without the database.

First whoever a rule names, then whoever spoke with the author lately, both if they are here and have room. Then, of all
who are here with room: those before the last resort; who answers in the language; who has the skill; who was seen
lately; who has the least open for what they can carry; who was given the least in the window for what they can carry;
who has waited longest.

The bound of fairness: nobody is given a next one while somebody else, who is equal in all that stands before it, was
given less in the window for what they can carry. People who are equal all the time differ by one at most.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engagement import reasons
from engagement.models import AssignmentPolicy

LONG_AGO = datetime.min.replace(tzinfo=UTC)
How = AssignmentPolicy.How


@dataclass
class Candidate:
    """Someone who may be given work, and what they have: `given` says when, and in which turn, they last got some."""

    member_id: int
    load: int
    given: tuple[datetime, int]
    # By department; the position for the whole organization stands under None.
    capacities: dict[int | None, int] = field(default_factory=dict)
    languages: dict[int | None, frozenset[str]] = field(default_factory=dict)
    skills: dict[int | None, frozenset[str]] = field(default_factory=dict)
    # How many they were given in the window.
    share: int = 0
    # Whether a rule may name them, and nothing else brings them work.
    only_named: bool = False
    is_last_resort: bool = False
    was_seen: bool = False

    def capacity_in(self, department_id: int) -> int:
        """How many open assignments they can carry when the next one comes from this department."""
        return self.capacities.get(department_id, self.capacities.get(None, 0))

    def speaks(self, department_id: int, language: str) -> bool:
        """Whether they answer in a language; a position that names none takes all."""
        said = self._of(self.languages, department_id)
        return not language or not said or language in said

    def can(self, department_id: int, skills: frozenset[str]) -> bool:
        """Whether they have one of the skills."""
        return bool(self._of(self.skills, department_id) & skills)

    def _of(self, places: dict[int | None, frozenset[str]], department_id: int) -> frozenset[str]:
        place = department_id if department_id in self.capacities else None
        return places.get(place, frozenset())


@dataclass(frozen=True)
class Wanted:
    """What an assignment asks of whoever gets it."""

    language: str = ""
    # What its topic and its network are called, as skills are compared.
    skills: frozenset[str] = frozenset()
    # Whoever spoke with the author lately.
    known_to: int | None = None
    # Whoever a rule names.
    named: int | None = None
    # For whom that one stands in.
    instead_of: str = ""
    without: frozenset[int] = frozenset()


ANYTHING = Wanted()


class Staff:
    """Everyone who may be given work at one moment; what is given out is counted as it goes."""

    def __init__(
        self,
        candidates: Iterable[Candidate],
        at: datetime,
        policy: AssignmentPolicy | None = None,
        skills: Container[str] = (),
    ) -> None:
        self.candidates = sorted(candidates, key=lambda candidate: candidate.member_id)
        self.at = at
        self.policy = policy or AssignmentPolicy(organization_id=0)
        # What somebody of the organization can, here or not: what nobody can is asked of nobody.
        self.skills = skills
        self.turn = 0
        # By department, who can carry anything there, and how much.
        self._able: dict[int, list[tuple[Candidate, int]]] = {}

    def take_for(self, department_id: int, wanted: Wanted = ANYTHING) -> tuple[int, reasons.Part] | None:
        """Choose who gets the next assignment of a department, and say why; None where nobody fits or has room."""
        room = [
            who
            for who, capacity in self._able_in(department_id)
            if who.load < capacity and who.member_id not in wanted.without
        ]
        for key, why in ((wanted.named, reasons.named_by_rule), (wanted.known_to, reasons.known_to_author)):
            if key is None:
                continue
            who = next((who for who in room if who.member_id == key), None)
            if who is not None and not (why is reasons.known_to_author and who.only_named):
                part = why(who.load, who.capacity_in(department_id))
                stands_in = wanted.instead_of and why is reasons.named_by_rule
                return self._give(who, part | {"instead_of": wanted.instead_of} if stands_in else part)
        free = [who for who in room if not who.only_named]
        said: dict[str, Any] = {}
        free = self._narrowed(free, department_id, wanted, said)
        if not free:
            return None
        least = min(who.load / who.capacity_in(department_id) for who in free)
        equal = [who for who in free if who.load / who.capacity_in(department_id) == least]
        chosen = min(equal, key=lambda who: (who.share / who.capacity_in(department_id), who.given, who.member_id))
        if len({who.share for who in equal}) > 1:
            said |= {"share": chosen.share, "hours": self.policy.share_hours}
        part = reasons.least_load(chosen.load, chosen.capacity_in(department_id)) | said
        return self._give(chosen, part)

    def _narrowed(
        self, free: list[Candidate], department_id: int, wanted: Wanted, said: dict[str, Any]
    ) -> list[Candidate]:
        """Those of the free whom the policy puts first before loads are compared; `said` says what narrowed them."""
        policy, skills = self.policy, frozenset(skill for skill in wanted.skills if skill in self.skills)
        free = [who for who in free if not who.is_last_resort] or self._last_resort(free, said)
        if wanted.language and policy.languages != How.IGNORE:
            fit = [who for who in free if who.speaks(department_id, wanted.language)]
            free = self._weigh(free, fit, policy.languages, said, "language", wanted.language)
        if skills and policy.skills != How.IGNORE:
            fit = [who for who in free if who.can(department_id, skills)]
            free = self._weigh(free, fit, policy.skills, said, "skill", min(skills))
        if policy.prefers_seen:
            fit = [who for who in free if who.was_seen]
            free = self._weigh(free, fit, How.PREFER, said, "seen", True)
        return free

    @staticmethod
    def _last_resort(free: list[Candidate], said: dict[str, Any]) -> list[Candidate]:
        if free:
            said["last_resort"] = True
        return free

    @staticmethod
    def _weigh(
        free: list[Candidate], fit: list[Candidate], how: str, said: dict[str, Any], name: str, value: Any
    ) -> list[Candidate]:
        """Those who fit; where none does, all of them unless they must."""
        if fit and len(fit) < len(free):
            said[name] = value
        return fit if fit or how == How.MUST else free

    def _give(self, who: Candidate, why: reasons.Part) -> tuple[int, reasons.Part]:
        who.load += 1
        who.share += 1
        self.turn += 1
        who.given = (self.at, self.turn)
        return who.member_id, why | {"who": who.member_id}

    def _able_in(self, department_id: int) -> list[tuple[Candidate, int]]:
        if department_id not in self._able:
            found = ((who, who.capacity_in(department_id)) for who in self.candidates)
            self._able[department_id] = [(who, capacity) for who, capacity in found if capacity > 0]
        return self._able[department_id]

    def room_in(self, department_id: int) -> int:
        """How many more assignments of a department its people could carry now."""
        return sum(max(0, who.capacity_in(department_id) - who.load) for who in self.candidates if not who.only_named)
