"""What routing rules ask of the booth: of whom, as far as they can be asked, and not over and over.

Whom a batch's rules may ask is read once. The questions are put in the transaction that makes the assignments, and only
for those that were made, so a batch that is tried again asks nobody twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from engagement import reasons
from engagement.actions.consults import MOST_ASKED, consult
from engagement.models import Assignment, ConsultRequest, RoutingRule
from roles.models import Member, Position, Role
from roles.permissions import decide

# Who has so many questions of rules before them is asked no further one by a rule.
MOST_WAITING = 20


@dataclass(frozen=True)
class Question:
    """What a rule asks about one assignment, of whom, and how that is kept."""

    text: str
    people: tuple[Member, ...]
    reason: reasons.Part


class Booth:
    """Those whom rules may ask, and how many questions of rules wait for each."""

    def __init__(self, asking: Iterable[RoutingRule | None]) -> None:
        rules = list({rule.pk: rule for rule in asking if rule is not None}.values())
        self._people = self._read(rules) if rules else {}
        keys = {member.pk for members in self._people.values() for member in members}
        self._waiting = Counter(_waiting_for(keys)) if keys else Counter[int]()

    @staticmethod
    def _read(rules: list[RoutingRule]) -> dict[int | None, list[Member]]:
        named = {rule.consult_member_id for rule in rules} - {None}
        departments = {rule.consult_department_id for rule in rules if rule.consult_department_id is not None}
        booth = Position.objects.in_force().reaching(*departments).filter(role=Role.BOOTH, member=OuterRef("pk"))
        asked = Q(pk__in=named) | (Exists(booth) if departments else Q(pk__in=[]))
        members = list(Member.objects.active().filter(asked).with_positions().order_by("pk"))
        for member in members:
            member.held_positions = list(member.positions.all())
        may = [member for member in members if decide(member, "engagement.answer_consult")]
        return {rule.pk: [member for member in may if _is_asked(member, rule)] for rule in rules}

    def ask(self, rule: RoutingRule | None) -> Question | None:
        """The rule's question about one more assignment, for whoever has room for it; None where it asks nothing."""
        if rule is None or rule.pk not in self._people:
            return None
        people = [member for member in self._people[rule.pk] if self._waiting[member.pk] < MOST_WAITING][:MOST_ASKED]
        self._waiting.update(member.pk for member in people)
        question = rule.consult_question
        return Question(question, tuple(people), reasons.asked(rule.asked_of, question, people))


def _is_asked(member: Member, rule: RoutingRule) -> bool:
    if rule.consult_member_id is not None:
        return member.pk == rule.consult_member_id
    return Role.BOOTH in member.roles_in(rule.consult_department_id)


def _waiting_for(members: Iterable[int]) -> Iterable[int]:
    waiting = ConsultRequest.objects.open().filter(consult__asked_by=None, member__in=list(members))
    return waiting.values_list("member_id", flat=True)[: MOST_WAITING * 50]


def put(questions: Iterable[tuple[Assignment, Question | None]], *, at: datetime) -> None:
    """Put the questions about assignments that were just made; inside the transaction that made them."""
    for row, question in questions:
        if question is not None and question.people:
            consult(row, question=question.text, to=question.people, by=None, at=at)
