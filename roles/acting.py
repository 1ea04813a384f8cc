"""Acting as somebody else: for a while, seen on every page, and written down for both."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from roles.housekeeping import membership
from roles.models import Member
from roles.permissions import decide

LASTS = timedelta(minutes=30)
_KEY = "acting_as"


def begin(request: HttpRequest, member: Member, *, at: datetime) -> None:
    """Have the pages of this session, in this organization, be those of another member from now on."""
    until = (at + LASTS).isoformat()
    request.session[_KEY] = {"organization": member.organization_id, "member": member.pk, "until": until}


def end(request: HttpRequest) -> None:
    """Be oneself again."""
    request.session.pop(_KEY, None)


def whom(request: HttpRequest, member: Member, *, at: datetime) -> Member:
    """Return as whom the signed-in member acts: themselves, or for a while another, with `acted_by` and `acts_until`.

    Whether they may is asked at each page, so that it ends with the right to it.
    """
    said = request.session.get(_KEY)
    if not said or said["organization"] != member.organization_id:
        return member
    until = datetime.fromisoformat(said["until"])
    found = Member.objects.active().filter(pk=said["member"]).select_related("user").first() if at < until else None
    other = membership(found.user, member.organization.slug) if found else None
    if other is None or not decide(member, "roles.act_as", other):
        end(request)
        return member
    other.acted_by, other.acts_until = member, until
    return other
