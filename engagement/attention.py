"""What waits for a member and stands on every page: deliveries, approvals, questions; and whether all is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from engagement.models import SendingStop
from engagement.queue import COUNTED, COUNTED_UP_TO, COUNTS
from roles.models import Member
from roles.permissions import decide
from roles.tenancy import active_organization_id

# One question for all of it, after the tabs of the queue; each count is bounded, and stands on an index of what waits.
WAITING = """,
       (SELECT count(*) FROM (SELECT 1 FROM engagement_reply r
          JOIN engagement_assignment a ON a.id = r.assignment_id
          WHERE r.organization_id = %(organization)s AND r.put_before_person_at IS NOT NULL
          AND (%(everywhere)s OR a.department_id = ANY(%(departments)s::bigint[]) OR r.by_id = %(member)s
               OR r.owner_id = %(member)s) LIMIT %(bound)s) AS deliveries),
       (SELECT count(*) FROM (SELECT 1 FROM engagement_approval ap
          JOIN engagement_reply r ON r.id = ap.reply_id AND r.by_id <> %(member)s
          JOIN engagement_assignment a ON a.id = r.assignment_id
          WHERE ap.organization_id = %(organization)s AND ap.state = 'waiting'
          AND (%(member)s = ANY(ap.member_ids) OR EXISTS (
               SELECT 1 FROM unnest(%(roles)s::text[], %(places)s::bigint[]) AS held (role, department)
               WHERE held.role = ANY(ap.roles) AND (held.department IS NULL OR held.department = a.department_id)))
          AND NOT EXISTS (SELECT 1 FROM engagement_approvaldecision said
               WHERE said.approval_id = ap.id AND said.by_id = %(member)s) LIMIT %(bound)s) AS approvals),
       (SELECT array_agg(id ORDER BY id) FROM engagement_sendingstop
          WHERE organization_id = %(organization)s AND lifted_at IS NULL),
       EXISTS (SELECT 1 FROM engagement_approvalpolicy WHERE organization_id = %(organization)s AND is_active),
       EXISTS (SELECT 1 FROM engagement_approval WHERE organization_id = %(organization)s),
       (SELECT count(*) FROM (SELECT 1 FROM engagement_consultrequest cr
          JOIN engagement_consult c ON c.id = cr.consult_id AND c.state <> 'closed'
          JOIN engagement_assignment a ON a.id = c.assignment_id AND a.state <> 'resolved'
          WHERE cr.organization_id = %(organization)s AND cr.member_id = %(member)s AND cr.state = 'waiting'
          LIMIT %(bound)s) AS questions),
       (SELECT count(*) FROM (SELECT 1 FROM engagement_receivedmail
          WHERE organization_id = %(organization)s AND state = 'for_a_person' LIMIT %(bound)s) AS mails),
       EXISTS (SELECT 1 FROM engagement_consult WHERE organization_id = %(organization)s)
"""


@dataclass(frozen=True)
class Attention:
    """What waits for a member, bounded; the keys of crisis stops in force; whether anything needs or had approval."""

    queue: dict[str, str]
    deliveries: int
    approvals: int
    stop_ids: tuple[int, ...]
    has_policies: bool
    has_approvals: bool
    questions: int
    mails: int
    has_consults: bool
    # Of what apps above ask along: that of which there is any, and how many of what they count.
    has_besides: frozenset[str]
    besides: Mapping[str, int]


_besides: dict[str, str] = {}
_counted: dict[str, str] = {}


def ask_along(name: str, rows: str) -> None:
    """Have it asked along whether there are any rows of an app above: a SELECT for %(organization)s."""
    _besides[name] = rows


def count_along(name: str, rows: str) -> None:
    """Have it counted along how many rows of an app above wait for %(member)s: a SELECT, as those above are made."""
    _counted[name] = rows


def attention(member: Member) -> Attention:
    """Ask once for each request."""
    kept: Attention | None = getattr(member, "attention", None)
    if kept is not None:
        return kept
    positions = [(position.role, key) for position in member.held_positions for key in position.reach]
    departments = member.reach
    values: dict[str, Any] = {
        "organization": active_organization_id(),
        "member": member.pk,
        "bound": COUNTED_UP_TO + 1,
        "everywhere": None in departments,
        "departments": [key for key in departments if key],
        "roles": [role for role, _department in positions],
        "places": [department for _role, department in positions],
    }
    with connection.cursor() as cursor:
        besides = "".join(f",\n       EXISTS ({rows})" for rows in _besides.values())
        besides += "".join(
            f",\n       (SELECT count(*) FROM ({rows} LIMIT %(bound)s) AS {name})"  # noqa: S608 - of our own modules
            for name, rows in _counted.items()
        )
        cursor.execute(COUNTS.rstrip() + WAITING + besides, values)
        row = cursor.fetchone()
        assert row is not None
    queue = {tab: _at_most(number) for tab, number in zip(COUNTED, row, strict=False)}
    deliveries, approvals, stops, has_policies, has_approvals, questions, mails, has_consults, *found = row[
        len(COUNTED) :
    ]
    kept = Attention(
        queue, deliveries, approvals, tuple(stops or ()), has_policies, has_approvals, questions, mails, has_consults,
        frozenset(name for name, is_any in zip(_besides, found, strict=False) if is_any),
        dict(zip(_counted, found[len(_besides) :], strict=True)),
    )  # fmt: skip
    member.attention = kept  # type: ignore[attr-defined]
    return kept


def deliveries_for(member: Member) -> str:
    """What the navigation shows beside deliveries."""
    return said_shortly(attention(member).deliveries)


def approvals_for(member: Member) -> str:
    """What the navigation shows beside approvals."""
    return said_shortly(attention(member).approvals)


def questions_for(member: Member) -> str:
    """What the navigation shows beside the member's questions."""
    return said_shortly(attention(member).questions)


def mails_for(member: Member) -> str:
    """What the navigation shows beside what was asked of the booth: mails at which somebody must look."""
    return said_shortly(attention(member).mails)


def stops_for(member: Member) -> list[SendingStop]:
    """The crisis stops in force, with who began them; no question where there are none."""
    keys = attention(member).stop_ids
    if not keys:
        return []
    return list(SendingStop.objects.filter(pk__in=keys).select_related("department", "by__user").order_by("pk"))


def stop_sign(member: Member) -> str:
    """What the navigation shows beside the crisis stop: that one is in force."""
    return "!" if attention(member).stop_ids and decide(member, "engagement.stop_sending") else ""


def said_shortly(number: int) -> str:
    """A number beside a name: nothing where there is none, and no more than so many."""
    return _at_most(number) if number else ""


def _at_most(number: int) -> str:
    return f"{COUNTED_UP_TO}+" if number > COUNTED_UP_TO else str(number)
