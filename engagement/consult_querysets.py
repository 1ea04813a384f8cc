"""Reads of consults that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Prefetch, Q

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from engagement.models import Consult, ConsultRequest, ReceivedMail  # noqa: F401
    from roles.models import Member


class ConsultQuerySet(OwnedQuerySet["Consult"]):
    """Questions to the booth of the active organization."""

    def waiting(self) -> Self:
        """Those that nobody has answered, of assignments that are not resolved."""
        return self.filter(state="waiting").exclude(assignment__state="resolved")

    def visible_to(self, member: Member) -> Self:
        """Those about assignments of the departments in which the member holds a position, and the member's own."""
        departments = member.reach
        if None in departments:
            return self
        return self.filter(Q(assignment__department__in=departments) | Q(asked_by=member))

    def with_everything(self) -> Self:
        """With who asked, the assignment with what it is about, and everybody who was asked."""
        from engagement.models import ConsultRequest

        requests = ConsultRequest.objects.select_related("member__user").order_by("pk")
        return self.select_related(
            "asked_by__user",
            "deputy__user",
            "assignment__department__organization",
            "assignment__mention__post__author",
        ).prefetch_related(Prefetch("requests", requests))


class ConsultRequestQuerySet(OwnedQuerySet["ConsultRequest"]):
    """Consults of the active organization, as each person has them."""

    def of(self, member: Member) -> Self:
        """Those put to the member."""
        return self.filter(member=member)

    def open(self) -> Self:
        """Those that still wait for this person's answer."""
        closed = Q(consult__state="closed") | Q(consult__assignment__state="resolved")
        return self.filter(state__in=["waiting", "silent", "replaced"]).exclude(closed)

    def due(self, at: datetime) -> Self:
        """Those at which the sweep must look by now."""
        return self.filter(next_look_at__lte=at).order_by("next_look_at", "pk")

    def with_everything(self) -> Self:
        """With the question, who asked, what it is about, and the person."""
        return self.select_related(
            "member__user",
            "consult__asked_by__user",
            "consult__deputy__user",
            "consult__assignment__department__organization",
            "consult__assignment__mention__post__author",
            "consult__assignment__mention__post__source",
        )


class ReceivedMailQuerySet(OwnedQuerySet["ReceivedMail"]):
    """Mails that reached the active organization."""

    def waiting(self) -> Self:
        """Those at which a person must look."""
        return self.filter(state="for_a_person")

    def with_everything(self) -> Self:
        """With the question that it names, and who settled it."""
        return self.select_related("request__consult", "request__member__user", "settled_by__user")
