"""In which order the team is held while it is changed: the organization first, then people by their keys.

Work is given out under another lock of the organization, which comes after these. Whoever changes who is here, or who
holds what, changes who has work: so all of them begin here, and none waits for another the wrong way round.
"""

from __future__ import annotations

from roles.models import Member, Organization
from roles.tenancy import active_organization_id


def hold_team(*people: Member) -> None:
    """Be the only one who changes the active organization's team, and these people, until the transaction ends.

    Whether they are here and what they hold is known anew then: whoever asks read it before the turn was theirs.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=active_organization_id())
    if not people:
        return
    rows = Member.objects.filter(pk__in={one.pk for one in people}).order_by("pk")
    are_here = dict(rows.select_for_update(no_key=True).values_list("pk", "is_active"))
    for one in people:
        one.is_active = are_here.get(one.pk, False)
        one.__dict__.pop("held_positions", None)


def may_hold_team() -> bool:
    """Hold the team unless somebody does at this moment: what comes again by itself need not wait."""
    rows = Organization.objects.select_for_update(no_key=True, skip_locked=True)
    return rows.filter(pk=active_organization_id()).first() is not None
