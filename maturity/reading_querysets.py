"""Reads of acknowledgements that have a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import F, Max

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from maturity.models import Acknowledgement  # noqa: F401
    from roles.models import Member

UNREAD = """
SELECT 1 FROM maturity_guidelinesection s WHERE s.organization_id = %(organization)s AND s.retired_at IS NULL
AND NOT EXISTS (SELECT 1 FROM maturity_acknowledgement a JOIN maturity_guidelineversion v ON v.id = a.version_id
                WHERE v.section_id = s.id AND a.member_id = %(member)s AND v.number >= s.asks_from)
"""


class AcknowledgementQuerySet(OwnedQuerySet["Acknowledgement"]):
    """Each yes to a version of the active organization's guidelines."""

    def that_count(self) -> Self:
        """Those to what sections in force say now, but for small changes."""
        return self.filter(version__section__retired_at=None, version__number__gte=F("version__section__asks_from"))

    def newest_of(self, member: Member) -> dict[int, int]:
        """The number of the newest version to which a member said yes, by the key of the section."""
        rows = self.filter(member=member).order_by().values_list("version__section")
        return dict(rows.annotate(Max("version__number")))
