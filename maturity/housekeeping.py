"""The one read of maturity that looks across organizations: whose guidelines an address names."""

from __future__ import annotations

from maturity.models import GuidelineAddress


def open_address(token: str) -> GuidelineAddress | None:
    """Return the address of this token with its organization, where it has not been revoked."""
    rows = GuidelineAddress.everywhere.select_related("organization")
    return rows.filter(token=token, revoked_at=None).first()
