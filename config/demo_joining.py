"""How the demo organization takes part of its own accord: what it joined and started, and the guidelines for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engagement.actions import joinings, rules
from engagement.models import RoutingRule, SavedReply, Starter
from engagement.models.joinings import Step
from listening.models import Mention, Topic
from maturity.actions.guidelines import add_guideline, change_guideline
from maturity.actions.levels import set_level
from roles.models import Level, Member, Organization

# Words of what was joined, and along which step.
JOINED = (("bent frame", Step.PROVIDE_VALUE), ("Repair café fixed", Step.PROMOTE_OTHERS), ("chain lube", Step.ENGAGE))
STARTERS = (
    ("Which load surprised you most on two wheels? Ours was a piano stool, in the rain.", Step.ENGAGE, "planned", ""),
    ("Saturday at the repair café: what should we bring from the workshop?", Step.PROMOTE_OTHERS, "started",
     "Eleven answers; the café got our old truing stand."),
    ("Ask our engineers about brakes, Thursday from six to seven.", Step.PROVIDE_VALUE, "dropped", ""),
)  # fmt: skip
TONE = """We speak as one neighbour to another.

- **Short**: what helps stands in the first sentence.
- **Honest**: what we do not know, we say, and ask the booth.
- No irony towards anybody who is angry.

What was said in private stays there."""
REPAIRS = """### Before anything else

Ask whether **the brakes work**. If not, say in the first line that the bike stays where it is.

1. Thank for the report, name the model.
2. Offer the nearest workshop, or the home visit.
3. Never name a price; the workshop does.

A recall is announced on its page and nowhere else first."""
PRESS = """Questions of the press are answered by *Communications*, within two hours, in two sentences:

> thank you, and who calls when.

Figures and opinions need the yes of a coach."""


def take_part(organization: Organization, *, coach: Member, responder: Member, booth: Member, at: datetime) -> None:
    """Reach the level at which one takes part, write down how, and do so a little."""
    acting: dict[str, Any] = {"by": coach, "at": at - timedelta(days=6)}
    set_level(
        organization, level=Level.ENGAGING, reason="Four quiet weeks within our word: we have time to give.", **acting
    )
    _write(organization, acting)
    _join(responder, at=at)
    _start(responder, at=at)
    _let_rules_help(booth, by=coach, at=at)


def _write(organization: Organization, acting: dict[str, Any]) -> None:
    topics = {topic.name: topic for topic in Topic.objects.all()}
    tone = add_guideline(organization, title="How we speak", text=TONE.replace(", and ask the booth", ""), **acting)
    add_guideline(
        organization, title="Repairs and recalls", text=REPAIRS, topics=[topics["Repairs and parts"]], **acting
    )
    add_guideline(organization, title="The press", text=PRESS, topics=[topics["Traffic and the city"]], **acting)
    later = {**acting, "at": acting["at"] + timedelta(days=4)}
    change_guideline(tone, title="How we speak", text=TONE, **later)


def _join(responder: Member, *, at: datetime) -> None:
    for number, (words, step) in enumerate(JOINED):
        found = Mention.objects.untriaged().filter(post__text__contains=words, assignments=None).first()
        if found is not None:
            joinings.join(found, step=step, by=responder, at=at - timedelta(hours=3 * number + 1))


def _start(responder: Member, *, at: datetime) -> None:
    for number, (text, step, state, outcome) in enumerate(STARTERS):
        planned_at = at - timedelta(days=number + 2)
        row = joinings.add_starter(text=text, owner=responder, step=step, by=responder, at=planned_at)
        if state != Starter.State.PLANNED:
            joinings.end_starter(row, state=state, outcome=outcome, by=responder, at=planned_at + timedelta(hours=5))


def _let_rules_help(booth: Member, *, by: Member, at: datetime) -> None:
    """One rule suggests what is said to a clicking drive, another asks the booth as soon as the press does."""
    named = {rule.name: rule for rule in RoutingRule.objects.with_names()}
    click = SavedReply.objects.get(title="Click from the drive")
    rules.change_rule(named["Something is wrong with a bike"], saved_reply=click, by=by, at=at)
    question = "What may we say about this today, and who calls back?"
    rules.change_rule(named["The press asks"], consult_question=question, consult_member=booth, by=by, at=at)
