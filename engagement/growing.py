"""Stories that grow: rules that ask how often something was told are asked again about what nobody has begun.

At its capture a mention stands alone. That its story has grown is a row; who looks at it holds its mentions first, then
the lock on giving out work, then the assignments, as triage and routing do. What somebody has claimed, or a person has
given, stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from engagement import reasons
from engagement.actions.rows import change
from engagement.asking import Booth, put
from engagement.assigning import give
from engagement.changes import told
from engagement.conditions import values_of
from engagement.facts import MentionFacts
from engagement.models import Assignment, GrownStory
from engagement.models.rules import Priority
from engagement.promises import Targets, retargeted
from engagement.querysets import give_topics, hold_lock, place_mentions
from engagement.routing import Decided, Router, route, rules_at, said_besides, why_rules_fit
from listening.models import Mention, Story
from roles.background import hint
from roles.levels import ASSIGNMENTS, closed_among

# Of a story that is told very often, so many at once; the others have stood alone for long.
MOST = 1000
# A person has said who does it, or how urgent it is: no rule takes that back.
BY_A_PERSON = {"given", "triaged", "joined", "reopened", "followed_up", "woken"}


def note_growth(stories: Sequence[int], *, at: datetime) -> None:
    """Write down which stories grew, where a rule asks for that; inside the transaction that counted them."""
    if not any(values_of(rule.condition, "story_size") for rule in rules_at(at)):
        return
    GrownStory.objects.bulk_create(GrownStory(story_id=key, grown_at=at) for key in sorted(stories))
    hint("engagement.tasks.ask_again")


@transaction.atomic
def ask_again_next(*, at: datetime) -> bool:
    """Ask the rules again about one story of the active organization that has grown; returns whether there was one."""
    rows = GrownStory.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    first = rows.select_related("story").first()
    if first is None:
        return False
    # What is written from here on is looked at once more.
    same = [row.pk for row in rows.filter(story=first.story_id)]
    _ask_again(Story.objects.get(pk=first.story_id), at=at)
    GrownStory.objects.filter(pk__in=same).delete()
    return True


def _ask_again(story: Story, *, at: datetime) -> None:
    router = Router(rules_at(at))
    if "story_size" not in router.asked:
        return
    untouched = Assignment.objects.filter(state=Assignment.State.OPEN, claimed_at=None, rule__isnull=False)
    waiting = Mention.objects.filter(story=story, is_old=False, post__is_ours=False).filter(
        Q(state=Mention.State.UNTRIAGED) | Exists(untouched.filter(mention=OuterRef("pk")))
    )
    # Whoever decides about one of them at this moment has it.
    held = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("post__author")
    mentions = list(held.order_by("pk")[:MOST])
    hold_lock()
    asked = _Asked(router, story, mentions)
    free = [mention for mention in mentions if mention.state == Mention.State.UNTRIAGED]
    wanted = [mention for mention in free if asked.anew(mention, was=1) is not None]
    route(wanted, at=at, because=[reasons.grown(story.size)])
    rows = untouched.filter(mention__in=mentions).exclude(mention__in=free).with_mentions().select_related("target")
    for row in rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk"):
        if BY_A_PERSON & {part.get("kind") for part in row.reasons}:
            continue
        if (found := asked.anew(row.mention, was=_size_asked(row))) is not None:
            _move(row, found, story=story, targets=asked.targets, at=at)


def _size_asked(row: Assignment) -> int:
    """How often it had been told when the rules were asked about it last."""
    return next((part["size"] for part in reversed(row.reasons) if part.get("kind") == "grown"), 1)


class _Asked:
    """The rules, asked about mentions of one story at two sizes."""

    def __init__(self, router: Router, story: Story, mentions: Sequence[Mention]) -> None:
        self.router, self.story = router, story
        self.before = router.read_beforehand(mentions)
        self.targets = Targets()
        # Where no level has opened assignments; asked once, for the lock is held meanwhile.
        places = {rule.department for rule, _asks in router.rules if rule.department is not None}
        self.closed = closed_among(ASSIGNMENTS, places)

    def anew(self, mention: Mention, *, was: int) -> Decided | None:
        """What the rules make of it now, where somebody takes it and its story's growth made the difference."""
        now, then = self._at(self.story.size, mention), self._at(was, mention)
        if now is None or now.taker is None or (then is not None and now.outcome == then.outcome):
            return None
        return None if now.department_id in self.closed else now

    def _at(self, size: int, mention: Mention) -> Decided | None:
        sizes = {self.story.pk: size}
        return self.router.decide(MentionFacts(mention, replace(self.before, story_sizes=sizes)))


def _move(row: Assignment, found: Decided, *, story: Story, targets: Targets, at: datetime) -> None:
    """Have an assignment be as the rules say now: where it belongs, how urgent it is, by when."""
    assert found.taker is not None and found.department_id is not None
    question = None if row.consults.filter(asked_by=None).exists() else Booth([found.asks]).ask(found.asks)
    why = why_rules_fit(found.rules)
    parts = [reasons.grown(story.size), *(why[rule.pk] for rule in found.rules), *said_besides(found, question)]
    moves = found.department_id != row.department_id or found.member_id not in {None, row.member_id}
    fields: dict[str, Any] = {
        "rule": found.taker,
        "priority": _urgency(row, found),
        "needs_approval": row.needs_approval or found.needs_approval,
        "saved_reply_id": found.saved_reply.pk if found.saved_reply else row.saved_reply_id,
        "reasons": [*row.reasons, *parts],
    }
    if moves:
        department = found.taker.department
        fields |= {"department": department, "member": None, "assigned_at": None, "state": Assignment.State.OPEN}
    if found.topic_id is not None and found.topic_id != row.mention.topic_id:
        give_topics({row.mention_id: found.topic_id})
    row = change(row, "ask_again", by=None, at=at, **fields)
    _promise(row, found, targets=targets, at=at)
    if moves:
        place_mentions({row.mention_id: found.department_id})
        named = {row.pk: found.member_id} if found.member_id is not None else {}
        give([row], named=named, at=at)
    told([row], at=at)
    put([(row, question)], at=at)


def _promise(row: Assignment, found: Decided, *, targets: Targets, at: datetime) -> None:
    target = targets.target_for(row.department_id, row.priority, named=found.target, minutes=found.response_minutes)
    fields = retargeted(row, target, at=at, targets=targets)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _urgency(row: Assignment, found: Decided) -> int:
    """What the rules say, but never less urgent than what a person said or nobody's taking it made of it."""
    said = found.priority or Priority.NORMAL.value
    kinds = {part.get("kind") for part in row.reasons}
    if "prioritized" in kinds:
        return row.priority
    return min(said, row.priority) if "escalated" in kinds else said
