"""Reads of approvals that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Approval, ApprovalDecision, ApprovalPolicy  # noqa: F401
    from roles.models import Member


class ApprovalPolicyQuerySet(OwnedQuerySet["ApprovalPolicy"]):
    """Approval policies of the active organization."""

    def in_order(self) -> Self:
        """With steps and what the sentences name, in the order in which they count."""
        return self.select_related("topic", "department").prefetch_related("steps").order_by("position", "pk")


class ApprovalQuerySet(OwnedQuerySet["Approval"]):
    """Steps of approval of the active organization."""

    def waiting(self) -> Self:
        """Those that somebody is asked for now."""
        return self.filter(state="waiting")

    def asked_of(self, member: Member) -> Self:
        """Those that the member is asked for now, and has not said anything about; never of the member's own text."""
        named = Q(member_ids__contains=[member.pk])
        for position in member.held_positions:
            where = Q(roles__contains=[position.role])
            if position.department_id is not None:
                where &= Q(reply__assignment__department__in=position.reach)
            named |= where if position.role else Q()
        return self.waiting().filter(named).exclude(reply__by=member).filter(~Exists(self._said_by(member)))

    def visible_to(self, member: Member) -> Self:
        """Those of the departments in which the member answers or coaches, of the member's texts, or asked of them."""
        answering = (position for position in member.held_positions if position.carries("engagement.reply"))
        departments = {key for position in answering for key in position.reach}
        if None in departments:
            return self
        asked = Q(pk__in=self.model.objects.asked_of(member).values("pk")) | Exists(self._said_by(member))
        return self.filter(Q(reply__assignment__department__in=departments) | Q(reply__by=member) | asked)

    @staticmethod
    def _said_by(member: Member) -> QuerySet[ApprovalDecision]:
        """What the member said of the step that is asked about; to be put into an EXISTS."""
        from engagement.models import ApprovalDecision

        return ApprovalDecision.objects.filter(approval=OuterRef("pk"), by=member)

    def with_everything(self) -> Self:
        """With reply, assignment, post, channel and writer read along."""
        return self.select_related(
            "reply__by__user", "reply__channel__connection", "reply__post__author", "reply__post__source",
            "reply__result", "reply__assignment__department", "reply__assignment__mention__post",
        ).prefetch_related("decisions__by__user")  # fmt: skip
