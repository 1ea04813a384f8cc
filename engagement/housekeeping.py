"""The reads and claims of engagement that look across organizations: results, sweeps, signed links, mail that came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from engagement.models import Approval, ConsultRequest, Reply
from listening.way_out.housekeeping import organizations_waiting
from roles.keys import LARGEST
from roles.models import Member, Organization
from roles.permissions import CAPABILITIES

# MATERIALIZED: the rows are chosen and locked once, whatever plan is made.
_WITH_SNOOZED = """
SELECT DISTINCT organization_id FROM engagement_assignment WHERE state = 'snoozed' AND snoozed_until <= %s
"""
_TO_FOLLOW_UP = "SELECT DISTINCT organization_id FROM engagement_followup WHERE done_at IS NULL AND due_at <= %s"
_TO_ESCALATE = """
SELECT DISTINCT organization_id FROM engagement_assignment WHERE state = 'open' AND escalates_at <= %s
"""
_WITH_PROMISES = """
SELECT DISTINCT organization_id FROM engagement_promise WHERE next_look_at <= %s
"""
_WITH_UNTOLD_MISSES = """
SELECT DISTINCT organization_id FROM engagement_targetevent WHERE told_at IS NULL AND kind = 'miss'
"""
# A calendar that changed is asked about for a day: what a worker left undone, another finds.
_WITH_CHANGED_CALENDARS = """
SELECT DISTINCT organization_id FROM roles_calendar WHERE changed_at > now() - interval '1 day'
"""
_TO_LOOK_AFTER = "SELECT DISTINCT organization_id FROM engagement_consultrequest WHERE next_look_at <= %s"
_WITH_LEFT_OVERS = (
    "SELECT DISTINCT organization_id FROM engagement_assignment WHERE state = 'open' AND member_id IS NULL"
)

# Steps of approval for which nobody is left who could say yes, those in which some of several have said it, and those
# in which other people should stand in than do. What goes on as it is, is not taken up: an absence may last for weeks.
_APPROVALS_TO_READDRESS = """
WITH able AS (
    SELECT member.id, member.organization_id, member.stand_in_id,
        NOT (member.is_away AND (member.away_until IS NULL OR member.away_until > now())) AS is_here
    FROM roles_member AS member
    WHERE member.is_active AND EXISTS (
        SELECT 1 FROM roles_position AS held LEFT JOIN roles_customrole AS composed ON composed.id = held.custom_role_id
        WHERE held.member_id = member.id AND (held.ends_at IS NULL OR held.ends_at > now())
            AND (held.role = ANY(%(able)s) OR 'engagement.approve' = ANY(composed.capabilities))
    )
), waiting AS (
    SELECT step.*, reply.by_id, about.department_id FROM engagement_approval AS step
    JOIN engagement_reply AS reply ON reply.id = step.reply_id AND reply.state = 'waiting'
    JOIN engagement_assignment AS about ON about.id = reply.assignment_id
    WHERE step.state = 'waiting'
), named AS (
    -- Who holds which role where the reply belongs.
    SELECT step.id AS step_id, held.member_id, held.role FROM waiting AS step
    JOIN roles_position AS held ON held.organization_id = step.organization_id
        AND (held.ends_at IS NULL OR held.ends_at > now())
        AND (held.role = ANY(step.roles) OR held.role = ANY(step.roles_meant))
    LEFT JOIN roles_department AS place ON place.id = held.department_id
    WHERE held.department_id IS NULL OR held.department_id = step.department_id
        OR step.department_id = ANY(place.below)
), meant AS (
    -- Whom each step means, by the name under which somebody stands in for them.
    SELECT step.id AS step_id, step.needs, step.by_id, able.*, able.id::text AS name FROM waiting AS step
    JOIN able ON able.organization_id = step.organization_id AND able.id = ANY(step.member_ids_meant)
    WHERE able.id <> step.by_id
    UNION
    SELECT step.id, step.needs, step.by_id, able.*, CASE step.needs WHEN 'all' THEN named.role ELSE able.id::text END
    FROM waiting AS step JOIN named ON named.step_id = step.id AND named.role = ANY(step.roles_meant)
    JOIN able ON able.id = named.member_id AND able.id <> step.by_id
), wanted AS (
    -- Who should stand in.
    SELECT meant.step_id, meant.name, other.id FROM meant
    JOIN able AS other ON other.id = meant.stand_in_id AND other.is_here AND other.id <> meant.by_id
    WHERE NOT meant.is_here AND NOT EXISTS (
        SELECT 1 FROM meant AS there
        WHERE there.step_id = meant.step_id AND there.is_here AND (there.needs <> 'all' OR there.name = meant.name)
    )
)
SELECT step.id, step.organization_id FROM waiting AS step
WHERE NOT EXISTS (
    SELECT 1 FROM able WHERE able.organization_id = step.organization_id AND able.id <> step.by_id AND (
        able.id = ANY(step.member_ids) OR EXISTS (
            SELECT 1 FROM named
            WHERE named.step_id = step.id AND named.member_id = able.id AND named.role = ANY(step.roles)
        )
    )
) OR step.needs = 'all' AND EXISTS (SELECT 1 FROM engagement_approvaldecision WHERE approval_id = step.id)
    OR EXISTS (SELECT 1 FROM wanted WHERE wanted.step_id = step.id AND step.instead ->> wanted.name IS NULL)
    OR EXISTS (
        SELECT 1 FROM jsonb_each_text(step.instead) AS stands (name, id)
        WHERE (stands.name, stands.id) NOT IN (SELECT name, id::text FROM wanted WHERE wanted.step_id = step.id)
    )
    OR step.instead = '{}' AND (step.roles <> step.roles_meant OR step.member_ids <> step.member_ids_meant)
ORDER BY step.id
"""
_WITH_SAVED_REPLIES = """
SELECT DISTINCT organization_id FROM engagement_savedreply saved WHERE EXISTS (
    SELECT 1 FROM engagement_reply reply WHERE reply.saved_reply_id = saved.id AND reply.id > saved.learned_reply_id
)
"""


def organizations_with_snoozed(*, at: datetime) -> list[Organization]:
    """Return those where something is to be woken."""
    return _organizations(_WITH_SNOOZED, [at])


def organizations_to_follow_up(*, at: datetime) -> list[Organization]:
    """Return those where somebody wanted to look again by now."""
    return _organizations(_TO_FOLLOW_UP, [at])


def organizations_to_escalate(*, at: datetime) -> list[Organization]:
    """Return those where nobody has taken something in time."""
    return _organizations(_TO_ESCALATE, [at])


def organizations_with_hours() -> list[Organization]:
    """Return those where somebody answers in some hours of the week only."""
    return _organizations("SELECT DISTINCT organization_id FROM roles_timeblock", [])


def organizations_with_promises_to_look_at(*, at: datetime) -> list[Organization]:
    """Return those where a warning or a miss may be due."""
    return _organizations(_WITH_PROMISES, [at])


def organizations_with_untold_misses() -> list[Organization]:
    """Return those where nobody has been written to about a miss yet."""
    return _organizations(_WITH_UNTOLD_MISSES, [])


def organizations_with_stale_promises() -> list[Organization]:
    """Return those whose calendars changed lately, so that something may have to be counted anew."""
    return _organizations(_WITH_CHANGED_CALENDARS, [])


def organizations_with_left_overs() -> list[Organization]:
    """Return those where something waits with nobody to do it."""
    return _organizations(_WITH_LEFT_OVERS, [])


def organizations_with_deliveries(*, at: datetime) -> list[Organization]:
    """Return those where a delivery has waited so long for a person that they are told by mail."""
    return organizations_waiting(Reply, at=at)


def approvals_to_readdress() -> list[tuple[int, Organization]]:
    """Return the keys of steps of approval that may wait for nobody, with whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(_APPROVALS_TO_READDRESS, {"able": sorted(CAPABILITIES["engagement.approve"])})
        rows = cursor.fetchall()
    organizations = Organization.objects.in_bulk({organization for _key, organization in rows})
    return [(key, organizations[organization]) for key, organization in rows]


def organizations_with_saved_replies() -> list[Organization]:
    """Return those where a saved reply was used since it last learned."""
    return _organizations(_WITH_SAVED_REPLIES, [])


def organizations_with_grown_stories() -> list[Organization]:
    """Return those where rules are to be asked again about a story."""
    return _organizations("SELECT DISTINCT organization_id FROM engagement_grownstory", [])


def organizations_to_look_after(*, at: datetime) -> list[Organization]:
    """Return those where somebody who was asked is to be reminded or replaced."""
    return _organizations(_TO_LOOK_AFTER, [at])


def request_of(key: int) -> ConsultRequest | None:
    """Return the request of a token, of whatever organization, while the person asked is a member."""
    if not 0 < key <= LARGEST:
        return None
    rows = ConsultRequest.everywhere.select_related(
        "organization",
        "member__user",
        "member__organization",
        "consult__asked_by__user",
        "consult__assignment__department__organization",
        "consult__assignment__mention__post__author",
    )
    return rows.filter(pk=key, member__is_active=True, member__user__is_active=True).first()


def request_of_link(organization_id: int, key: int, member_id: int) -> ConsultRequest | None:
    """Return the request of a signed link, if it is still this person's at this organization."""
    found = request_of(key)
    if found is None or (found.organization_id, found.member_id) != (organization_id, member_id):
        return None
    return found


def approval_of_link(organization_id: int, key: int, member_id: int) -> tuple[Approval, Member] | None:
    """Return the step of approval and the member of a link in a mail, while the member is still here."""
    rows = Approval.everywhere.select_related("organization", "reply__assignment", "reply__by__user")
    members = Member.everywhere.select_related("user", "organization")
    step = rows.filter(pk=key, organization=organization_id).first()
    member = members.filter(pk=member_id, organization=organization_id, is_active=True, user__is_active=True).first()
    return (step, member) if step is not None and member is not None else None


def organizations_of(email: str) -> list[Organization]:
    """Return where somebody with this address is a member."""
    rows = Member.everywhere.filter(user__email=email, is_active=True, user__is_active=True)
    return [member.organization for member in rows.select_related("organization")[:2]]


def _organizations(sql: str, params: list[Any]) -> list[Organization]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        keys = [key for (key,) in cursor.fetchall()]
    return list(Organization.objects.filter(pk__in=keys).order_by("pk")) if keys else []
