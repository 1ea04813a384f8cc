"""Reads of review policies and reviews that have a name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from content.models import Review, ReviewDecision, ReviewedVariant, ReviewPolicy, ReviewStep  # noqa: F401
    from roles.models import Member


class ReviewPolicyQuerySet(OwnedQuerySet["ReviewPolicy"]):
    """Review policies of the active organization."""

    def in_order(self) -> Self:
        """With steps and what the sentences name, in the order in which they count; the base, if written, is last."""
        rows = self.select_related("topic", "channel", "author__user").prefetch_related("steps")
        return rows.order_by("is_base", "position", "pk")

    def written(self) -> Self:
        """All but the base."""
        return self.filter(is_base=False)

    def base(self) -> ReviewPolicy:
        """What counts where nothing else fits: as it was written, or as it holds from the first."""
        return self.in_order().filter(is_base=True).first() or self.unwritten_base()

    def unwritten_base(self) -> ReviewPolicy:
        """The base as it holds from the first, without anybody's having written it."""
        return self.model(name=_("Everything is reviewed"), is_base=True)


class ReviewQuerySet(OwnedQuerySet["Review"]):
    """Reviews of the active organization."""

    def waiting(self) -> Self:
        """Those that somebody is asked for now."""
        return self.filter(state="waiting")

    def of(self, member: Member) -> Self:
        """Those about the member's pieces, or for which the member asked."""
        return self.filter(Q(piece__author=member) | Q(asked_by=member))

    def visible_to(self, member: Member) -> Self:
        """Those of the departments whose content the member reads, of their own pieces, or asked of them."""
        from content.models import ReviewStep

        reading = [position for position in member.held_positions if position.carries("content.read")]
        departments = {key for position in reading for key in position.reach}
        if None in departments:
            return self
        asked = ReviewStep.objects.filter(review=OuterRef("pk"))
        mine = Q(piece__author=member) | Q(asked_by=member)
        own = Q(pk__in=asked.asked_of(member).values("review")) | Exists(asked.filter(decisions__by=member))
        whole = Q(piece__department=None) if reading else Q()
        here = Q(piece__department__in=departments)
        return self.filter(here | mine | own | whole if reading else mine | own)

    def with_everything(self) -> Self:
        """With piece, variants, steps and what was said read along: the same few questions for any number."""
        from content.models import ReviewDecision, Variant

        variants = Variant.objects.select_related(
            "channel__connection", "piece__topic", "piece__department", "piece__campaign"
        ).with_media()
        decisions = ReviewDecision.objects.select_related("by__user", "guest")
        return self.select_related(
            "piece__author__user", "piece__department", "piece__topic", "asked_by__user"
        ).prefetch_related(
            Prefetch("reviewed__variant", variants),
            Prefetch("steps__decisions", decisions),
            "steps__guests",
        )


class ReviewedVariantQuerySet(OwnedQuerySet["ReviewedVariant"]):
    """What was asked about single variants of the active organization."""

    def newest_of(self, variants: Collection[int]) -> Self:
        """For each of these variants what was asked last, however it ended, unless it was withdrawn."""
        rows = self.filter(variant__in=variants).exclude(state="withdrawn")
        return rows.order_by("variant", "-pk").distinct("variant")

    def approved(self, variants: Collection[int]) -> Self:
        """All that was approved of these variants."""
        return self.filter(variant__in=variants, state="approved")

    def asked_and_approved(self, variants: Collection[int]) -> dict[tuple[int, str], list[dict[str, Any]]]:
        """By variant and digest all that was approved of these variants, and whom the policies named for it."""
        from content.models import ReviewStep

        found: dict[tuple[int, str], list[dict[str, Any]]] = {}
        rows = list(self.approved(variants).values_list("variant", "digest", "review"))
        steps = ReviewStep.objects.filter(review__in={review for _v, _d, review in rows}, state="approved")
        asked: dict[int, list[dict[str, Any]]] = {}
        for review, asks in steps.values_list("review", "policy_asks"):
            asked.setdefault(review, []).append(asks)
        for variant, digest, review in rows:
            found.setdefault((variant, digest), []).extend(asked.get(review, ()))
        return found

    def ended_since(self, at: datetime) -> Self:
        """Those about which was decided, or that their writer changed meanwhile."""
        return self.filter(ended_at__gte=at, state__in=("approved", "sent_back", "changed"))


class ReviewStepQuerySet(OwnedQuerySet["ReviewStep"]):
    """Steps of reviews of the active organization."""

    def waiting(self) -> Self:
        """Those that somebody is asked for now."""
        return self.filter(state="waiting")

    def asked_of(self, member: Member) -> Self:
        """Those that the member is asked for now, and has not decided; never about what the member wrote."""
        named = Q(member_ids__contains=[member.pk])
        for position in member.held_positions:
            where = Q(roles__contains=[position.role])
            if position.department_id is not None:
                where &= Q(review__piece__department__in=position.reach) | Q(review__piece__department=None)
            named |= where if position.role else Q()
        own = Q(review__piece__author=member) | Q(review__maker_ids__contains=[member.pk])
        return self.waiting().filter(named).exclude(own).filter(~Exists(self._said_by(member)))

    def due(self, at: datetime) -> Self:
        """Those that a worker has to look at, the longest due first."""
        return self.waiting().filter(next_look_at__lte=at).order_by("next_look_at", "pk")

    @staticmethod
    def _said_by(member: Member) -> QuerySet[ReviewDecision]:
        """What the member decided in the step that is asked about; to be put into an EXISTS."""
        from content.models import ReviewDecision

        return ReviewDecision.objects.filter(step=OuterRef("pk"), by=member).exclude(kind="comment")
