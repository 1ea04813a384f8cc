"""What somebody has of reviews: steps that wait for them, and steps of policies that name them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy

from content.actions.review_steps import pass_review_on
from content.models import ReviewDecision, ReviewPolicyStep, ReviewStep
from roles.belongings import Belonging, Handing, Thing, add_belonging, listed, write_down
from roles.models import Member

State = ReviewStep.State


def _reviews(member: Member) -> Any:
    named = models.Q(member_ids__contains=[member.pk]) | models.Q(member_ids_meant__contains=[member.pk])
    said = ReviewDecision.objects.filter(step=models.OuterRef("pk"), by=member).exclude(kind="comment")
    rows = ReviewStep.objects.filter(named, ~models.Exists(said), state__in=(State.WAITING, State.LATER))
    return rows.select_related("review__piece__author__user").order_by("pk")


def _pass_reviews(handing: Handing) -> int:
    return sum(
        pass_review_on(row, of=handing.member, to=handing.to, by=handing.by, at=handing.at)
        for row in list(_reviews(handing.member))
    )


def _steps(member: Member) -> Any:
    rows = ReviewPolicyStep.objects.filter(member_ids__contains=[member.pk])
    return rows.select_related("policy").order_by("policy__position", "number")


def _pass_steps(handing: Handing) -> int:
    assert handing.to is not None
    rows = list(_steps(handing.member).select_for_update(of=("self",)))
    for row in rows:
        row.member_ids = list(
            dict.fromkeys(handing.to.pk if key == handing.member.pk else key for key in row.member_ids)
        )
    ReviewPolicyStep.objects.bulk_update(rows, ["member_ids"])
    _stands_for(handing.member, handing.to)
    write_down([row.policy for row in rows], handing)
    return len(rows)


def _stands_for(member: Member, to: Member) -> None:
    """Have what was approved when the policy named somebody count for whoever is named now: nobody asked for more."""
    rows = list(ReviewStep.objects.filter(policy_asks__members__contains=[member.pk]).select_for_update(of=("self",)))
    for row in rows:
        named = {to.pk if key == member.pk else key for key in row.policy_asks["members"]}
        row.policy_asks = {**row.policy_asks, "members": sorted(named)}
    ReviewStep.objects.bulk_update(rows, ["policy_asks"], batch_size=500)


def _asked_of_others(_member: Member) -> int:
    """None: where nobody who is named is left, the coaches are asked by themselves."""
    return 0


def _review(row: ReviewStep) -> Thing:
    piece = row.review.piece
    return Thing(piece.title, reverse("content:reviews"), str(piece.author))


def _policy(row: ReviewPolicyStep) -> Thing:
    return Thing(row.policy.name, reverse("content:review_policies"))


for kind in (
    Belonging(
        "reviews", gettext_lazy("Content that waits for their review"), 26, listed(_reviews, _review), _pass_reviews,
        "content.review", gettext_lazy("Who else is asked, or the coaches"), _asked_of_others,
    ),
    Belonging(
        "review_steps", gettext_lazy("Steps of review that name them"), 61, listed(_steps, _policy), _pass_steps,
        "content.review", stays=_asked_of_others,
    ),
):  # fmt: skip
    add_belonging(kind)
