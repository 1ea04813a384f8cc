"""What rules would do with what has come in: with past mentions, beside the rules of today, or with one, rule by rule.

Nothing is written and nothing is held. Mentions are asked about as they are known today (their topic, their story, the
warnings of their time), and so many at most; what was looked at is said with the result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from engagement.conditions import failing
from engagement.facts import MentionFacts
from engagement.models import RoutingRule
from engagement.models.rules import Priority
from engagement.phrases import named, names_for, sentence
from engagement.routing import Decided, Router
from listening.models import Mention
from roles.models import Department
from roles.wording import listed, quoted

MOST, BATCH, SHOWN = 3000, 500, 30
DAYS = (1, 7, 30)


@dataclass
class Simulation:
    """The difference between two sets of rules over the same mentions."""

    days: int
    looked_at: int = 0
    # Whether there were more than are looked at, and how far back it went.
    is_cut: bool = False
    since: datetime | None = None
    # By department, None being the stream: its name, how many today, how many then.
    departments: list[tuple[str, int, int]] = field(default_factory=list)
    changed_count: int = 0
    changed: list[tuple[Mention, str, str]] = field(default_factory=list)


def simulate(today: Iterable[RoutingRule], draft: Iterable[RoutingRule], *, days: int, at: datetime) -> Simulation:
    """Ask both sets of rules about the newest mentions of the last days."""
    found = Simulation(days=days)
    routers = [Router(rule for rule in rules if rule.is_valid_at(at)) for rules in (today, draft)]
    counts: tuple[Counter[int | None], Counter[int | None]] = (Counter(), Counter())
    names: dict[int | None, str] = {row.pk: str(row) for row in Department.objects.all()}
    names[None] = _("stays in the stream")
    for mentions in _past(found, since=at - timedelta(days=days)):
        before = [router.read_beforehand(mentions) for router in routers]
        for mention in mentions:
            one, two = (
                router.decide(MentionFacts(mention, known)) for router, known in zip(routers, before, strict=True)
            )
            counts[0][_where(one)] += 1
            counts[1][_where(two)] += 1
            if (one and one.outcome) != (two and two.outcome):
                found.changed_count += 1
                if len(found.changed) < SHOWN:
                    found.changed.append((mention, in_words(one, names), in_words(two, names)))
    keys = sorted(counts[0].keys() | counts[1].keys(), key=lambda key: (key is None, names.get(key, "")))
    found.departments = [(names.get(key, "?"), counts[0][key], counts[1][key]) for key in keys]
    return found


def _past(found: Simulation, *, since: datetime) -> Iterable[list[Mention]]:
    rows: QuerySet[Mention] = Mention.objects.filter(captured_at__gte=since, is_old=False).exclude(post__is_ours=True)
    rows = rows.select_related("post__author").order_by("-pk")
    last: int | None = None
    while found.looked_at < MOST:
        batch = list((rows.filter(pk__lt=last) if last else rows)[:BATCH])
        if not batch:
            return
        last = batch[-1].pk
        found.looked_at += len(batch)
        found.since = batch[-1].captured_at
        yield batch
    found.is_cut = rows.filter(pk__lt=last).exists()


def _where(decided: Decided | None) -> int | None:
    return decided.department_id if decided else None


def in_words(decided: Decided | None, names: dict[int | None, str]) -> str:
    """What becomes of a mention, in short."""
    if decided is None:
        return names[None]
    said = [names.get(decided.department_id, "?")]
    if decided.priority:
        said.append(str(Priority(decided.priority).label).lower())
    if decided.needs_approval:
        said.append(_("with approval"))
    if decided.saved_reply:
        said.append(_("with “%(saved_reply)s”") % {"saved_reply": decided.saved_reply})
    if decided.asks:
        said.append(_("%(who)s is asked") % {"who": decided.asks.asked_of})
    rules = listed(quoted(rule.name) for rule in decided.rules)
    return _("%(what)s (by %(rules)s)") % {"what": listed(said), "rules": rules}


@dataclass(frozen=True)
class Answer:
    """What one rule says about one mention: takes, goes_on, not or not_asked; and what stands in the way."""

    rule: RoutingRule
    says: str
    why_not: tuple[str, ...] = ()


def ask_each(rules: Sequence[RoutingRule], mention: Mention, *, at: datetime) -> list[Answer]:
    """Ask every rule about one mention, in their order, and say of each why it does not fit."""
    valid = [rule for rule in rules if rule.is_valid_at(at)]
    router = Router(valid)
    facts = MentionFacts(mention, router.read_beforehand([mention]))
    names = names_for(rule.condition for rule in rules)
    holds = {rule.pk: asks for rule, asks in router.rules}
    answers, is_over = [], False
    for rule in rules:
        if rule.pk not in holds:
            why = _("it cannot be read any more") if rule in valid else _("it is off, or not valid now")
            answers.append(Answer(rule, "not", (why,)))
        elif is_over:
            answers.append(Answer(rule, "not_asked"))
        elif holds[rule.pk](facts):
            answers.append(Answer(rule, "goes_on" if rule.goes_on else "takes"))
            is_over = not rule.goes_on
            facts.topic_id = rule.topic_id or facts.topic_id
        else:
            against = failing(named(rule.condition, names), facts)
            answers.append(Answer(rule, "not", tuple(sentence({"all": [part]}) for part in against)))
    return answers
