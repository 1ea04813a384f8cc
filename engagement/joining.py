"""Which conversations of others are worth joining, and why; how much of what we say there is about ourselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from engagement.models import Assignment, Joining, PromotionPolicy, Starter
from engagement.models.joinings import ASKED_FOR, GIVEN, Step
from listening.models import Mention, Source
from listening.networks import all_networks, can, label_of
from listening.networks.protocols import Replies
from roles.models import Position
from roles.statements import Statement

# So far back, and so many at most, is looked at: an old conversation has ended.
FRESH = timedelta(days=14)
LOOKED_AT = 300
LEDGER_DAYS = 90
_QUESTION = re.compile(r"[?？؟¿;]\s*(?:$|[\s\"')\]]|[^\w])|\?$")
_SEEKS = re.compile(
    r"\b(anyone|recommend\w*|advice|help|how (?:do|can|to)|which|wer weiß|jemand|empfehl\w*|tipp\w*|quelqu.un"
    r"|conseil\w*|alguien|recomiend\w*|qualcuno|consigli\w*|iemand|tips?)\b",
    re.IGNORECASE,
)


Knowing = Callable[[], Iterable[tuple[str, str]]]
_knowing: list[Knowing] = []


def knowing(who_knows: Knowing) -> Knowing:
    """Have an app above say who knows what first-hand: what, and the name of whom."""
    _knowing.append(who_knows)
    return who_knows


@dataclass(order=True)
class Worth:
    """A conversation with how much we could give there, from 0 to 100, and why."""

    points: int
    mention: Mention = field(compare=False)
    reasons: list[str] = field(compare=False, default_factory=list)

    def add(self, points: int, reason: str) -> None:
        """Count something in its favour, or against it."""
        self.points += points
        self.reasons.append(reason)


def worth_joining(*, at: datetime) -> tuple[list[Worth], bool]:
    """The conversations of others in which we could give most, and whether more were found than were looked at.

    Not addressed to us, not ours, not internal, still there, answerable from here, and in nobody's hands.
    """
    rows = Mention.objects.filter(
        state__in=[Mention.State.UNTRIAGED, Mention.State.KEPT],
        channel=None,
        is_old=False,
        captured_at__gte=at - FRESH,
        post__is_ours=False,
        post__is_internal=False,
        post__withdrawn_at=None,
        post__cleaned_at=None,
    )
    found = list(rows.with_posts().order_by("-pk")[: LOOKED_AT + 1])
    experts = _experts()
    answerable = {network.name for network in all_networks() if can(network, Replies)}
    judged = [
        _judge(mention, experts, at=at)
        for mention in found[:LOOKED_AT]
        if mention.network in answerable and not mention.post.was_said_internally
    ]
    judged.sort(key=lambda worth: (-worth.points, -worth.mention.pk))
    return judged, len(found) > LOOKED_AT


def _experts() -> dict[str, str]:
    """Who knows what: a name for each thing that an expert knows, and for each skill that somebody has."""
    known: dict[str, str] = {}
    for who_knows in _knowing:
        for what, name in who_knows():
            known.setdefault(what.casefold(), name)
    for position in (
        Position.objects.in_force().filter(member__is_active=True).exclude(skills=[]).select_related("member__user")
    ):
        for skill in position.skills:
            known.setdefault(skill.casefold(), str(position.member))
    return known


def _judge(mention: Mention, experts: dict[str, str], *, at: datetime) -> Worth:
    text = f"{mention.post.title}\n{mention.post.text}"
    worth = Worth(0, mention)
    if _QUESTION.search(text):
        worth.add(35, _("Somebody asks something."))
    elif _SEEKS.search(text):
        worth.add(25, _("Somebody looks for advice."))
    if mention.relevance is not None and mention.relevance >= 0.5:
        worth.add(round(20 * mention.relevance), _("It is relevant to us."))
    words = set(re.findall(r"\w+", text.casefold()))
    topic = str(mention.topic).casefold() if mention.topic else ""
    skill = next((one for one in experts if one == topic or set(one.split()) <= words), None)
    if skill is not None:
        worth.add(25, _("%(name)s knows about “%(skill)s”.") % {"name": experts[skill], "skill": skill})
    elif mention.topic:
        worth.add(10, _("It is about “%(topic)s”.") % {"topic": mention.topic})
    if at - mention.captured_at < timedelta(hours=24):
        worth.add(15, _("It is from today: the conversation is still going on."))
    if mention.sentiment == Mention.Sentiment.NEGATIVE:
        worth.add(5, _("Somebody is in trouble."))
    return worth


@dataclass(frozen=True)
class Share:
    """How much of what we said of our own accord is about ourselves, and how much may be."""

    given: int
    asked_for: int
    most_percent: int
    window_days: int

    @property
    def percent(self) -> int:
        """What is about ourselves, of all that gives or asks."""
        return round(100 * self.asked_for / (self.given + self.asked_for)) if self.given + self.asked_for else 0

    def why_not(self, step: str) -> str:
        """Why one more of this step would be too much; empty where it may be."""
        if step not in ASKED_FOR:
            return ""
        then, of = self.asked_for + 1, self.given + self.asked_for + 1
        if 100 * then <= self.most_percent * of:
            return ""
        said = _(
            "With this, %(then)s of %(of)s conversations of the last %(days)s days would be about ourselves"
            " (%(percent)s %%)"
        )
        if of == 1:
            said = _("With this, all that we said of our own accord in the last %(days)s days would be about ourselves")
        said += _("; at most %(most)s %% may be. Give something first: answer a question, promote others.")
        return said % {
            "then": then,
            "of": of,
            "days": self.window_days,
            "percent": round(100 * then / of),
            "most": self.most_percent,
        }


def policy() -> PromotionPolicy:
    """How much may be about ourselves here; what nobody has changed is not a row."""
    return PromotionPolicy.objects.first() or PromotionPolicy()


def most_about_ourselves() -> int:
    """How many per cent may be about ourselves here: of the policy no more than pages that are opened often need."""
    found = _MOST.rows()
    return int(found[0][0]) if found else PromotionPolicy().most_percent


_MOST = Statement(lambda: PromotionPolicy.objects.order_by("pk").values_list("most_percent")[:1])


def share(*, at: datetime) -> Share:
    """What was given and asked for within the window of the policy."""
    rule = policy()
    since = at - timedelta(days=rule.window_days)
    joined = Joining.objects.since(since).that_count().by_step()
    started = Starter.objects.started_since(since).by_step()
    steps = [joined, started]
    return Share(_sum(steps, GIVEN), _sum(steps, ASKED_FOR), rule.most_percent, rule.window_days)


def _sum(counts: Iterable[dict[str, int]], steps: Iterable[Step]) -> int:
    return sum(found.get(step, 0) for found in counts for step in steps)


@dataclass
class Account:
    """One community in the ledger: what we gave there beside what we asked for."""

    name: str
    network: str
    answered: int = 0
    shared: int = 0
    promoted: int = 0
    asked_for: int = 0

    @property
    def given(self) -> int:
        """Questions answered, useful things shared, others promoted."""
        return self.answered + self.shared + self.promoted

    @property
    def is_welcome(self) -> bool:
        """Whether a request would be welcome: we have given four times what we asked for, with this one."""
        return self.given >= 4 * (self.asked_for + 1)


def ledger(*, at: datetime) -> list[Account]:
    """What we gave and asked for in each community within the last months; where we gave most stands first."""
    since = at - timedelta(days=LEDGER_DAYS)
    accounts: dict[tuple[str, int | None], Account] = {}
    names = {source.pk: source for source in Source.objects.all()}

    def account(network: str, source: int | None) -> Account:
        if (found := accounts.get((network, source))) is None:
            name = str(names[source]) if source in names else label_of(network)
            found = accounts[network, source] = Account(name, network)
        return found

    answered = Assignment.objects.filter(created_at__gte=since, first_answered_at__isnull=False, joining=None)
    grouped = answered.order_by().values_list("mention__network", "mention__source").annotate(number=Count("pk"))
    for network, source, number in grouped:
        account(network, source).answered += number
    for network, source, step, number in Joining.objects.since(since).that_count().by_community():
        _enter(account(network, source), step, number)
    for source, step, number in Starter.objects.started_since(since).by_community():
        if source in names:
            _enter(account(names[source].network, source), step, number)
    return sorted(accounts.values(), key=lambda one: (-one.given, one.asked_for, one.name))


def _enter(account: Account, step: str, number: int) -> None:
    if step == Step.PROMOTE_OTHERS:
        account.promoted += number
    elif step in GIVEN:
        account.shared += number
    elif step in ASKED_FOR:
        account.asked_for += number
