"""Reads of guidelines that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Exists, F, OuterRef

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import GuidelineSection, GuidelineVersion  # noqa: F401
    from roles.models import Member


IN_FORCE = "SELECT 1 FROM maturity_guidelinesection WHERE organization_id = %(organization)s AND retired_at IS NULL"


class GuidelineSectionQuerySet(OwnedQuerySet["GuidelineSection"]):
    """Sections of the active organization's guidelines."""

    def in_force(self) -> Self:
        """Those that say something."""
        return self.filter(retired_at=None)

    def in_order(self) -> Self:
        """In the order in which they are read."""
        return self.order_by("position", "pk")

    def unread_by(self, member: Member) -> Self:
        """Those in force to whose newest version that asks for it a member has not said yes."""
        from maturity.models import Acknowledgement

        said = Acknowledgement.objects.filter(
            member=member, version__section=OuterRef("pk"), version__number__gte=OuterRef("asks_from")
        )
        return self.in_force().exclude(Exists(said)).in_order()


class GuidelineVersionQuerySet(OwnedQuerySet["GuidelineVersion"]):
    """What sections said, and say."""

    def current(self) -> Self:
        """What each section that is in force says now, in the order in which they are read."""
        said = self.filter(number=F("section__version"), section__retired_at=None)
        return said.select_related("section", "by__user").order_by("section__position", "section")

    def about(self, topic_id: int | None) -> Self:
        """Those that bear on a topic, as `is_near`, before those that bear on everything."""
        from maturity.models import GuidelineTopic

        topics = GuidelineTopic.objects.filter(section=OuterRef("section"))
        near, named = Exists(topics.filter(topic=topic_id or 0)), Exists(topics)
        rows = self.annotate(is_near=near, is_named=named)
        return (rows.filter(is_near=True) | rows.filter(is_named=False)).order_by(
            F("is_near").desc(), "section__position", "section"
        )
