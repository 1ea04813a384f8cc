"""Which department answers what: rules are asked in their order, until one that fits does not say “go on”.

Rules are read once for a batch, asked in memory, and what they decide is written in a few statements, however many
mentions there are. What no rule wants waits in the stream for a gatherer; so does what was said long before we
listened, and our own words.

`rules_at` is the one place that says which rules are asked: a set of rules that is in force for a time (as a surge plan
brings along) is rows with `valid_from` and `valid_until`, placed where they are to be asked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any

from engagement import reasons
from engagement.asking import Booth, Question, put
from engagement.assigning import staff, wanted_by
from engagement.changes import told
from engagement.conditions import Asks, compiled, leaves, needed_query, values_of
from engagement.continuing import take_what_continues
from engagement.escalating import Escalating
from engagement.facts import Beforehand, MentionFacts, Words, can_be_read, read_beforehand
from engagement.models import Assignment, AssignmentPolicy, Reply, ResponseTarget, RoutingRule, SavedReply
from engagement.models.rules import Priority
from engagement.phrases import named, names_for
from engagement.promises import Targets
from engagement.querysets import give_topics, insert_many, place_mentions
from engagement.standing_in import stand_ins
from listening.models import Mention
from roles.levels import ASSIGNMENTS, closed_among
from roles.live import look_again
from roles.models import Member
from roles.rows import as_read

log = logging.getLogger(__name__)


@dataclass
class Decided:
    """What the rules make of one mention; what no rule said is None."""

    rules: list[RoutingRule] = field(default_factory=list)
    department_id: int | None = None
    member_id: int | None = None
    topic_id: int | None = None
    priority: int | None = None
    target: ResponseTarget | None = None
    response_minutes: int | None = None
    needs_approval: bool = False
    saved_reply: SavedReply | None = None
    # The rule whose question goes to the booth.
    asks: RoutingRule | None = None

    @property
    def outcome(self) -> tuple[Any, ...]:
        """All that follows from it, to be compared."""
        target = self.target.pk if self.target else None
        asks = (self.asks.asked_of, self.asks.consult_question) if self.asks else None
        return (self.department_id, self.member_id, self.topic_id, self.priority, target, self.response_minutes,
                self.needs_approval, self.saved_reply, asks)  # fmt: skip

    @property
    def taker(self) -> RoutingRule | None:
        """The rule that named the department."""
        return next((rule for rule in self.rules if rule.department_id is not None), None)

    def add(self, rule: RoutingRule) -> None:
        """Take from a rule that fits what no rule before it has said; a person goes with the department."""
        self.rules.append(rule)
        if self.department_id is None and rule.department_id is not None:
            self.department_id, self.member_id = rule.department_id, rule.member_id
        self.topic_id = self.topic_id or rule.topic_id
        self.priority = self.priority or rule.priority
        if self.target is None and self.response_minutes is None:
            self.target, self.response_minutes = rule.target, rule.response_minutes
        self.needs_approval = self.needs_approval or rule.needs_approval
        self.saved_reply = self.saved_reply or rule.saved_reply
        self.asks = self.asks or (rule if rule.asked_of else None)


class Router:
    """The rules of one organization in their order, ready to be asked."""

    def __init__(self, rules: Iterable[RoutingRule]) -> None:
        self.rules: list[tuple[RoutingRule, Asks]] = []
        words: dict[str, None] = {}
        self.asked: set[str] = set()
        # The places of the rules that ask for a query, by query, and of all others.
        self._of_query: dict[int, list[int]] = {}
        self._of_any: list[int] = []
        for rule in rules:
            said = values_of(rule.condition, "words")
            # Rules are checked when they are written; one that cannot be read any more fits nothing.
            if unreadable := [expression for expression in said if not can_be_read(expression)]:
                log.warning("Routing rule %s cannot be read and fits nothing: %s", rule.pk, unreadable)
                continue
            words.update(dict.fromkeys(sorted(said)))
            self.asked.update(leaf["field"] for leaf in leaves(rule.condition))
            needed = needed_query(rule.condition)
            (self._of_any if needed is None else self._of_query.setdefault(needed, [])).append(len(self.rules))
            self.rules.append((rule, compiled(rule.condition)))
        self.words = Words(list(words))

    def read_beforehand(self, mentions: Sequence[Mention]) -> Beforehand:
        """Read what the rules will ask of these mentions."""
        return read_beforehand(mentions, asked=self.asked, words=self.words)

    def decide(self, facts: MentionFacts) -> Decided | None:
        """Ask the rules in their order; None where none fits."""
        decided: Decided | None = None
        for place in self._in_question(facts.query_ids):
            rule, holds = self.rules[place]
            if not holds(facts):
                continue
            decided = decided or Decided()
            decided.add(rule)
            if not rule.goes_on:
                break
            facts.topic_id = decided.topic_id or facts.topic_id
        return decided

    def _in_question(self, query_ids: Iterable[int]) -> list[int]:
        """The places of the rules that may fit: most ask for a query, and are not asked about what others found."""
        found = [self._of_any, *(self._of_query.get(query, []) for query in query_ids)]
        return sorted(chain.from_iterable(found))


def rules_at(at: datetime) -> list[RoutingRule]:
    """The active organization's rules that are in force at a moment, in the order in which they are asked."""
    rules = RoutingRule.objects.in_force(at).in_order()
    return list(rules.select_related("department", "target", *rules.ASKS))


def route(mentions: Sequence[Mention], *, at: datetime, because: Sequence[reasons.Part] = ()) -> list[Assignment]:
    """Route captured mentions by the rules, inside the transaction that saves them; returns the assignments.

    `because` says first why the rules are asked only now.
    """
    waiting = [
        mention
        for mention in mentions
        if mention.state == Mention.State.UNTRIAGED
        and not mention.post.is_ours
        # What is older than our listening would flood people; it can be read in the stream.
        and not getattr(mention, "is_old", False)
    ]
    waiting = take_what_continues(waiting) if waiting else []
    if not waiting:
        return []
    router = Router(rules_at(at))
    if not router.rules:
        return []
    ours = _written_by_us(waiting)
    before = router.read_beforehand(waiting)
    decided = [
        (mention, found)
        for mention in waiting
        if mention.post_id not in ours and (found := router.decide(MentionFacts(mention, before))) is not None
    ]
    if not decided:
        return []
    _give_topics(decided)
    why, targets = why_rules_fit(rule for _mention, found in decided for rule in found.rules), Targets()
    taken = _taken(decided)
    booth = Booth(found.asks for _mention, found in taken)
    wishes = [_wish(mention, found, why, targets, booth, at) for mention, found in taken]
    for wish in wishes:
        wish["reasons"] = [*because, *wish["reasons"]]
    return _assign(wishes, at=at)


def _written_by_us(mentions: Sequence[Mention]) -> set[int]:
    """Keys of posts that are our own replies coming back, whoever the network says wrote them."""
    by_remote_id = {(mention.network, mention.post.remote_id): mention.post_id for mention in mentions}
    found = Reply.objects.filter(remote_id__in=[remote_id for _network, remote_id in by_remote_id])
    pairs = found.values_list("channel__network", "remote_id")
    return {by_remote_id[pair] for pair in pairs if pair in by_remote_id}


def _give_topics(decided: Sequence[tuple[Mention, Decided]]) -> None:
    """Write down the topics that rules gave."""
    given = {
        mention.pk: found.topic_id
        for mention, found in decided
        if found.topic_id is not None and found.topic_id != mention.topic_id
    }
    if given:
        give_topics(given)
        for mention, found in decided:
            if mention.pk in given:
                mention.topic_id, mention.topic_score = found.topic_id, None


def _taken(decided: Sequence[tuple[Mention, Decided]]) -> list[tuple[Mention, Decided]]:
    """Those that a rule gives to a department; where no level has opened assignments there, they wait in the stream."""
    found = [(mention, one) for mention, one in decided if one.taker is not None]
    rules = {one.taker for _mention, one in found if one.taker is not None}
    closed = closed_among(ASSIGNMENTS, {rule.department for rule in rules if rule.department is not None})
    return [(mention, one) for mention, one in found if one.department_id not in closed]


def why_rules_fit(rules: Iterable[RoutingRule]) -> dict[int, reasons.Part]:
    """Why each of these rules fits, with what everything that it names is called now."""
    by_key = {rule.pk: rule for rule in rules}
    names = names_for(rule.condition for rule in by_key.values())
    return {key: reasons.rule_fits(rule, named(rule.condition, names)) for key, rule in by_key.items()}


def _wish(
    mention: Mention, found: Decided, why: Mapping[int, reasons.Part], targets: Targets, booth: Booth, at: datetime
) -> dict[str, Any]:
    taker, department_id = found.taker, found.department_id
    assert taker is not None and department_id is not None
    priority = found.priority or Priority.NORMAL.value
    target = targets.target_for(department_id, priority, named=found.target, minutes=found.response_minutes)
    promises, fields = targets.begin(target, department_id=department_id, start=mention.captured_at, at=at)
    question = booth.ask(found.asks)
    return {
        **fields,
        "mention": mention,
        "network": mention.network,
        "department_id": department_id,
        "rule_id": taker.pk,
        "saved_reply_id": found.saved_reply.pk if found.saved_reply else None,
        "question": question,
        "named_id": found.member_id,
        "priority": priority,
        "promises": promises,
        "needs_approval": found.needs_approval,
        "reasons": [why[rule.pk] for rule in found.rules] + said_besides(found, question),
    }


def said_besides(found: Decided, question: Question | None) -> list[reasons.Part]:
    """What rules do for whoever gets it: a saved reply that they name, a question that they ask."""
    parts = [reasons.suggested(found.saved_reply)] if found.saved_reply else []
    return parts + ([question.reason] if question else [])


def assign_triaged(mentions: Sequence[Mention], *, by: Member | None, at: datetime) -> list[Assignment]:
    """Give out what a gatherer has sent to a department."""
    targets = Targets()
    wishes = []
    for mention in mentions:
        if mention.state != Mention.State.ROUTED or mention.department_id is None:
            continue
        target = targets.target_for(mention.department_id, Priority.NORMAL.value)
        # It is news from the moment somebody said so, however long it lay in the stream.
        promises, fields = targets.begin(target, department_id=mention.department_id, start=at, at=at)
        wishes.append(
            {
                **fields,
                "mention": mention,
                "network": mention.network,
                "department_id": mention.department_id,
                "rule_id": None,
                "named_id": None,
                "priority": Priority.NORMAL.value,
                "promises": promises,
                "needs_approval": False,
                "saved_reply_id": None,
                "question": None,
                "reasons": [reasons.triaged(by)],
            }
        )
    return _assign(wishes, at=at)


def _assign(wishes: Sequence[dict[str, Any]], *, at: datetime) -> list[Assignment]:
    """Write the assignments, each for whom the policy chooses, and mark their mentions."""
    if not wishes:
        return []
    policy = AssignmentPolicy.objects.current()
    meant = {wish["named_id"] for wish in wishes} - {None}
    instead = stand_ins(meant, at=at)
    people = staff(at=at, policy=policy, named=meant | {one.member_id for one in instead.values()})
    wanted = wanted_by((wish["mention"] for wish in wishes), policy=policy, at=at)
    escalating = Escalating(policy, at=at)
    rows, mentions = [], {}
    questions = {wish["mention"].pk: wish["question"] for wish in wishes}
    for wish in sorted(wishes, key=lambda wish: (wish["priority"], wish["due_at"], wish["mention"].pk)):
        mention = wish["mention"]
        mentions[mention.pk] = mention
        named_id, of = instead.get(wish["named_id"], (wish["named_id"], ""))
        choice = people.take_for(wish["department_id"], replace(wanted[mention.pk], named=named_id, instead_of=of))
        member_id, why = choice or (None, reasons.nobody(at))
        found = {"mention_id": mention.pk, "member_id": member_id, "reasons": [*wish["reasons"], why]}
        rows.append({**wish, **found, "escalates_at": escalating.moment(wish["department_id"])})
    left_out = {"mention", "named_id", "question"}
    promises = [{**promise, "mention_id": row["mention_id"]} for row in rows for promise in row.pop("promises")]
    keys = insert_many([{name: row[name] for name in row if name not in left_out} for row in rows], promises, at=at)
    made = [_as_inserted(row, keys[row["mention_id"]], at) for row in rows if row["mention_id"] in keys]
    place_mentions({row.mention_id: row.department_id for row in made})
    for row in made:
        row.mention.state, row.mention.department_id = Mention.State.ROUTED, row.department_id
    told(made, at=at)
    put(((row, questions[row.mention_id]) for row in made), at=at)
    look_again("stream")
    return made


def _as_inserted(row: dict[str, Any], key: int, at: datetime) -> Assignment:
    known = {"id": key, "created_at": at, "assigned_at": at if row["member_id"] else None}
    return as_read(Assignment, row | known, mention=row["mention"])
