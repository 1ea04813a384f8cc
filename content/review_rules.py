"""Which variants need a review before they go out, and whose, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from content.models import Piece, Review, ReviewPolicy, ReviewStep, Variant
from content.models.review_policies import USUAL_HOURS
from content.review_makers import who_wrote
from roles.models import Needs, Role
from roles.steps import Matter, Step

REVIEW = "content.review"


class Outsider(NamedTuple):
    """Somebody who is no member, and whose yes a policy asks for by mail."""

    name: str
    email: str


@dataclass(frozen=True)
class TimedStep(Step):
    """Who is asked, inside and outside, how many of them must say yes, and within how many hours."""

    hours: int = USUAL_HOURS
    outside: tuple[Outsider, ...] = ()

    @property
    def asks(self) -> dict[str, Any]:
        """Whom it names, to be kept beside the answer: what is asked later is compared with it."""
        asks = {"needs": self.needs, "roles": sorted(self.roles), "members": sorted(self.member_ids)}
        return asks | ({"outside": sorted(one.email for one in self.outside)} if self.outside else {})

    @property
    def outside_names(self) -> list[str]:
        """How those outside whom it asks are called."""
        return [one.name for one in self.outside]

    @property
    def names_somebody(self) -> bool:
        """Whether anybody is asked, inside or outside."""
        return bool(self.outside) or super().names_somebody


# What holds from the first: everything is seen by a coach.
USUAL = (TimedStep(roles=(Role.COACH,)),)


def steps_of(policy: ReviewPolicy) -> tuple[TimedStep, ...]:
    """Return the policy's steps in their order; none where it lets things go without."""
    if policy.waives:
        return ()
    rows = policy.steps.all() if policy.pk else ()
    found = tuple(
        TimedStep(policy.name, step.needs, tuple(step.roles), tuple(step.member_ids), step.hours,
                  outsiders(step.outside))
        for step in rows
    )  # fmt: skip
    return found or tuple(replace(step, policy_name=policy.name) for step in USUAL)


def outsiders(said: Iterable[Mapping[str, str]]) -> tuple[Outsider, ...]:
    """People outside as a step keeps them."""
    return tuple(Outsider(one["name"], one["email"]) for one in said)


class Rules:
    """The review policies as they are now, read once for any number of variants."""

    def __init__(self) -> None:
        rows = [row for row in ReviewPolicy.objects.in_order() if row.is_active]
        self._rules = [row for row in rows if not row.is_base]
        self._wrote: dict[int, set[int]] = {}
        self._base = next((row for row in rows if row.is_base), None) or ReviewPolicy.objects.unwritten_base()

    def policy_for(self, variant: Variant) -> ReviewPolicy:
        """The policy that counts for a variant: the first that fits."""
        return next((row for row in self._rules if fits(row, variant) and self._may_waive(row, variant)), self._base)

    def steps_for(self, variant: Variant) -> tuple[TimedStep, ...]:
        """The steps that a variant must pass; none where it goes out without review."""
        return steps_of(self.policy_for(variant))

    def read_along(self, variants: Iterable[Variant]) -> None:
        """Read at once who wrote these variants, where a policy lets go what one person writes."""
        if any(row.waives and row.author_id for row in self._rules):
            self._wrote |= who_wrote(variants)

    def _may_waive(self, policy: ReviewPolicy, variant: Variant) -> bool:
        """Whether a policy that lets go what one person writes finds nobody else's words in a variant."""
        if not policy.waives or policy.author_id is None:
            return True
        if variant.pk not in self._wrote:
            self.read_along([variant])
        return variant.piece.saved_by_id == policy.author_id and self._wrote[variant.pk] <= {policy.author_id}


def fits(policy: ReviewPolicy, variant: Variant) -> bool:
    """Whether every condition of a policy holds for a variant."""
    piece = variant.piece
    return (
        policy.kind in {"", piece.kind}
        and policy.channel_id in {None, variant.channel_id}
        and policy.author_id in {None, piece.author_id}
        and policy.topic_id in {None, piece.topic_id}
    )


def still_to_ask(steps: Iterable[TimedStep], met: Iterable[Mapping[str, Any]]) -> tuple[TimedStep, ...]:
    """Return those of a policy's steps that the yes to others, each given as it `asks`, does not answer already."""
    answers = [(asked["needs"], _names(asked["roles"], asked["members"], asked.get("outside", ()))) for asked in met]
    # Of whom we know that they have said yes: where each was asked, or nobody else was named.
    sure = {name for needs, names in answers if needs == Needs.ALL or len(names) == 1 for name in names}

    def is_met(step: TimedStep) -> bool:
        wanted = _names(step.roles, step.member_ids, [one.email for one in step.outside])
        if step.needs == Needs.ALL or len(wanted) == 1:
            return wanted <= sure
        return bool(wanted & sure) or any(names and names <= wanted for _needs, names in answers)

    return tuple(step for step in steps if not is_met(step))


def _names(roles: Iterable[str], members: Iterable[int], outside: Iterable[str]) -> set[str]:
    return {*roles, *map(str, members), *outside}


def by_steps(
    variants: Iterable[Variant], asked: Mapping[int, tuple[TimedStep, ...]]
) -> dict[tuple[TimedStep, ...], list[Variant]]:
    """Return the variants that need a review, put together by whom it takes; `asked` says that by their keys."""
    found: dict[tuple[TimedStep, ...], list[Variant]] = {}
    for variant in variants:
        if steps := asked[variant.pk]:
            found.setdefault(steps, []).append(variant)
    return found


def matter_of(review: Review, piece: Piece) -> Matter:
    """What is to be decided in a review: where the piece belongs, and who wrote it."""
    return Matter(REVIEW, piece.department_id, frozenset({piece.author_id, *review.maker_ids}))


def waiting_step(review: Review) -> ReviewStep | None:
    """The step of a review that somebody is asked for now."""
    return next((step for step in review.steps.all() if step.state == ReviewStep.State.WAITING), None)
