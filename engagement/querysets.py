"""Reads of engagement that have a name; the only place of the app for raw SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import orjson
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from roles.rows import as_read
from roles.tenancy import OwnedQuerySet, active_organization_id

if TYPE_CHECKING:
    from engagement.models import Assignment, FollowUp, NoteAddressee, Reply, RoutingRule, SendingStop  # noqa: F401
    from listening.signals import NewPost
    from roles.models import Member
    from roles.querysets import MemberQuerySet


class AssignmentQuerySet(OwnedQuerySet["Assignment"]):
    """Assignments of the active organization."""

    def unresolved(self) -> Self:
        """Everything that still has to be done, snoozed or not."""
        return self.exclude(state="resolved")

    def waiting(self) -> Self:
        """What waits for somebody now."""
        return self.filter(state__in=["open", "claimed"])

    def of(self, member: Member) -> Self:
        """Given to the member."""
        return self.filter(member=member)

    def left_over(self) -> Self:
        """Waiting with nobody to do it."""
        return self.filter(state="open", member=None)

    def waiting_for(self, event: str) -> Self:
        """Snoozed until something happens."""
        return self.filter(state="snoozed", wakes_on=event)

    def asleep_until(self, at: datetime) -> Self:
        """Snoozed until a moment that has come, the longest past first."""
        return self.filter(state="snoozed", snoozed_until__lte=at).order_by("snoozed_until", "pk")

    def departments_with_left_overs(self) -> list[int]:
        """The keys of the departments in which something waits with nobody to do it."""
        return list(self.left_over().order_by("department_id").values_list("department_id", flat=True).distinct())

    def overdue(self, at: datetime) -> Self:
        """Those whose running promise was due before now, or before its clock was stopped; put away or not."""
        passed = Q(paused_at=None, due_at__lt=at) | Q(due_at__lt=F("paused_at"))
        return self.unresolved().exclude(promise="").filter(passed, due_at__lt=at)

    def answered_about(self, posts: Sequence[NewPost]) -> Self:
        """Answered and not resolved, in one of the conversations of these posts and by one of their authors."""
        said = [post for post in posts if post.conversation and post.author_id and not post.is_ours]
        if not said:
            return self.none()
        return self.unresolved().filter(
            mention__post__network__in={post.network for post in said},
            mention__post__conversation__in={post.conversation for post in said},
            mention__post__author__in={post.author_id for post in said},
            first_answered_at__isnull=False,
        )

    def most_urgent_first(self) -> Self:
        """By priority, then by response target."""
        return self.order_by("priority", "due_at", "pk")

    def within_reach_of(self, member: Member) -> Self:
        """Those of the departments in which the member holds a position."""
        departments = member.reach
        return self if None in departments else self.filter(department__in=departments)

    def visible_to(self, member: Member) -> Self:
        """Those of the departments in which the member holds a position, and those given to the member."""
        departments = member.reach
        if None in departments:
            return self
        return self.filter(Q(department__in=departments) | Q(member=member))

    def with_mentions(self) -> Self:
        """With mention, post, author, department and member read along."""
        return self.select_related(
            "mention__post__author", "mention__post__source", "mention__source", "mention__channel", "department",
            "member__user", "rule",
        )  # fmt: skip

    def to_act_on(self, key: int) -> Assignment:
        """One assignment with its department: what it takes to decide and to write down; or DoesNotExist."""
        models: tuple[Any, Any] = (self.model, self.model._meta.get_field("department").related_model)
        statement, names, of_department = _to_act_on(*models)
        with connection.cursor() as cursor:
            cursor.execute(statement, [key, active_organization_id()])
            found = cursor.fetchone()
        if found is None:
            raise self.model.DoesNotExist(f"There is no assignment {key}.")
        values = dict(zip(names, found, strict=False))
        values["reasons"] = orjson.loads(values["reasons"])
        department = as_read(models[1], dict(zip(of_department, found[len(names) :], strict=True)))
        row: Assignment = as_read(models[0], values, department=department)
        return row

    def for_list(self, *, searched: bool = False) -> Self:
        """With no more than what a line of the queue shows of mention, post, author, department and member.

        Where it is searched, also with what tells where the words stand.
        """
        rows = self.select_related("mention__post__author", "department", "member__user")
        return rows.select_related("mention__post__source").only(*_LINE, *_SEARCHED) if searched else rows.only(*_LINE)


_LINE = (
    "state", "priority", "version", "created_at", "promise", "promised_at", "due_at", "warn_at", "paused_at",
    "first_due_at", "first_answered_at", "resolved_at", "department__name",
    "mention__network", "mention__post__network", "mention__post__title", "mention__post__text",
    "mention__post__is_internal", "mention__post__published_at", "mention__post__captured_at",
    "mention__post__author__name", "mention__post__author__handle", "member__user__name", "member__user__email",
)  # fmt: skip
_SEARCHED = (
    "mention__language", "mention__post__language", "mention__post__url", "mention__post__media",
    "mention__post__in_reply_to", "mention__post__source__name", "mention__post__source__place",
)  # fmt: skip


@cache
def _to_act_on(*models: Any) -> tuple[str, list[str], list[str]]:
    # By hand: to build what a page shows of an assignment takes many times as long as to claim it.
    names, of_department = ([field.attname for field in model._meta.concrete_fields] for model in models)
    columns = ", ".join([f"row.{name}" for name in names] + [f"department.{name}" for name in of_department])
    # The names are those of the models.
    statement = f"""
        SELECT {columns}
        FROM engagement_assignment AS row
        JOIN roles_department AS department ON department.id = row.department_id
        WHERE row.id = %s AND row.organization_id = %s
    """  # noqa: S608
    return statement, names, of_department


class RoutingRuleQuerySet(OwnedQuerySet["RoutingRule"]):
    """Routing rules of the active organization."""

    # What a rule suggests, and whom it asks.
    ASKS = ("saved_reply", "consult_member__user", "consult_department")

    def in_force(self, at: datetime) -> Self:
        """Those that are asked at this moment."""
        begun, not_ended = Q(valid_from=None) | Q(valid_from__lte=at), Q(valid_until=None) | Q(valid_until__gt=at)
        return self.filter(begun, not_ended, is_active=True)

    def in_order(self) -> Self:
        """In the order in which they are asked."""
        return self.order_by("position", "pk")

    def with_names(self) -> Self:
        """With everything read along that an action names."""
        return self.select_related("department__organization", "member__user", "topic", "target", *self.ASKS)


class ReplyQuerySet(OwnedQuerySet["Reply"]):
    """Replies of the active organization."""

    def under_way(self) -> Self:
        """Not yet at an end: nobody may send another to the same assignment meanwhile."""
        return self.filter(state__in=self.model.UNDER_WAY)

    def on_the_way_or_sent(self) -> Self:
        """Those that count as an answer, or may turn out to be one."""
        return self.filter(state__in=[*self.model.UNDER_WAY, "accepted"])

    def before_a_person(self) -> Self:
        """Refused, or unknown and looked for in vain: a person must say how it goes on."""
        return self.filter(put_before_person_at__isnull=False)

    def visible_to(self, member: Member) -> Self:
        """Those of the departments in which the member holds a position, and the member's own."""
        departments = member.reach
        if None in departments:
            return self
        return self.filter(Q(assignment__department__in=departments) | Q(by=member))

    def with_everything(self) -> Self:
        """With assignment, post, channel and author read along."""
        return self.select_related(
            "assignment__department__organization",
            "assignment__mention__post__source",
            "assignment__member__user",
            "post",
            "channel__connection",
            "by__user",
            "result",
        )

    def held(self) -> Self:
        """Kept by a crisis stop until a person lets them go, the longest written first."""
        return self.filter(state="held").order_by("pk")

    def stopped_by(self, stop: SendingStop) -> Self:
        """Those within the reach of a crisis stop."""
        rows = self
        if stop.network:
            rows = rows.filter(channel__network=stop.network)
        return rows.filter(assignment__department=stop.department_id) if stop.department_id else rows

    def in_trouble(self) -> Self:
        """Refused or of unknown outcome: somebody must look."""
        return self.filter(state__in=["refused", "unknown"])


class FollowUpQuerySet(OwnedQuerySet["FollowUp"]):
    """Promises of the active organization to look again."""

    def pending(self) -> Self:
        """Those whose time has not come, or not been noticed yet."""
        return self.filter(done_at=None)

    def due(self, at: datetime) -> Self:
        """Those whose time has come, the longest past first."""
        return self.pending().filter(due_at__lte=at).order_by("due_at", "pk")


class NoteAddresseeQuerySet(OwnedQuerySet["NoteAddressee"]):
    """Who was named in notes of the active organization."""

    def unseen_by(self, member: Member) -> Self:
        """Those in which the member is named and which they have not seen."""
        return self.filter(member=member, seen_at=None)

    def with_everything(self) -> Self:
        """With note, writer, assignment and what it is about read along."""
        return self.select_related("note__by__user", "note__assignment__mention__post__author")


LOCK = 7252  # the first half of the advisory lock's key; the second is the organization's

# Above so many in the window, shares are not told apart.
MOST_COUNTED = 1000
# One look into an index for each person, however much the person has ever done.
_LOADS = """
SELECT member.id,
    (SELECT count(*) FROM engagement_assignment
     WHERE organization_id = %s AND member_id = member.id AND state IN ('open', 'claimed')),
    (SELECT assigned_at FROM engagement_assignment
     WHERE member_id = member.id AND assigned_at IS NOT NULL ORDER BY assigned_at DESC LIMIT 1),
    (SELECT count(*) FROM (SELECT 1 FROM engagement_assignment
     WHERE member_id = member.id AND assigned_at > %s LIMIT %s) AS given)
FROM unnest(%s::bigint[]) AS member (id)
"""
_CHANGE_MANY = """
UPDATE engagement_assignment AS row SET member_id = new.member_id, reasons = new.reasons, assigned_at = %s,
    version = row.version + 1
FROM jsonb_to_recordset(%s::jsonb) AS new (id bigint, member_id bigint, reasons jsonb)
WHERE row.id = new.id AND row.organization_id = %s
"""
_INSERT_MANY = """
WITH made AS (
    INSERT INTO engagement_assignment (organization_id, mention_id, network, department_id, member_id, rule_id, state,
        priority, reasons, created_at, target_id, promise, promised_at, due_at, warn_at, first_due_at, assigned_at,
        outcome, reopened_count, version, needs_approval, escalates_at, saved_reply_id)
    SELECT %(organization)s, new.mention_id, new.network, new.department_id, new.member_id, new.rule_id, 'open',
        new.priority, new.reasons, %(at)s, new.target_id, new.promise, new.promised_at, new.due_at, new.warn_at,
        new.first_due_at, CASE WHEN new.member_id IS NOT NULL THEN %(at)s END, '', 0, 0, new.needs_approval,
        new.escalates_at, new.saved_reply_id
    FROM json_to_recordset(%(rows)s::json) AS new (mention_id bigint, network text, department_id bigint,
        member_id bigint, rule_id bigint, priority smallint, reasons jsonb, target_id bigint, promise text,
        promised_at timestamptz, due_at timestamptz, warn_at timestamptz, first_due_at timestamptz,
        needs_approval boolean, escalates_at timestamptz, saved_reply_id bigint)
    ON CONFLICT DO NOTHING
    RETURNING id, mention_id
), promised AS (
    INSERT INTO engagement_promise (organization_id, assignment_id, kind, number, minutes, in_business_hours,
        calendar_id, warn_at_percent, started_at, due_at, warn_at, counted_at, next_look_at)
    SELECT %(organization)s, made.id, new.kind, new.number, new.minutes, new.in_business_hours, new.calendar_id,
        new.warn_at_percent, new.started_at, new.due_at, new.warn_at, new.counted_at, new.next_look_at
    FROM json_to_recordset(%(promises)s::json) AS new (mention_id bigint, kind text, number int, minutes int,
        in_business_hours boolean, calendar_id bigint, warn_at_percent smallint, started_at timestamptz,
        due_at timestamptz, warn_at timestamptz, counted_at timestamptz, next_look_at timestamptz)
    JOIN made USING (mention_id)
)
SELECT id, mention_id FROM made
"""
_PLACE_MENTIONS = """
UPDATE listening_mention AS mention SET state = 'routed', department_id = new.department_id
FROM unnest(%s::bigint[], %s::bigint[]) AS new (mention_id, department_id)
WHERE mention.id = new.mention_id AND mention.organization_id = %s
"""
_GIVE_TOPICS = """
UPDATE listening_mention AS mention SET topic_id = new.topic_id, topic_score = NULL
FROM unnest(%s::bigint[], %s::bigint[]) AS new (mention_id, topic_id)
WHERE mention.id = new.mention_id AND mention.organization_id = %s
"""
_MEET = """
INSERT INTO engagement_contact AS contact (organization_id, author_id, member_id, first_at, last_at)
SELECT %s, author_id, %s, %s, %s FROM listening_post WHERE id = %s AND author_id IS NOT NULL
ON CONFLICT (author_id) DO UPDATE SET member_id = excluded.member_id,
    first_at = least(contact.first_at, excluded.first_at), last_at = greatest(contact.last_at, excluded.last_at)
"""
# Who of us it was nobody knows; who was known before stays so.
_MEET_ELSEWHERE = """
INSERT INTO engagement_contact AS contact (organization_id, author_id, member_id, first_at, last_at)
SELECT DISTINCT ours.organization_id, asked.author_id, NULL::bigint, %s::timestamptz, %s::timestamptz
FROM listening_post AS ours JOIN listening_post AS asked ON asked.organization_id = ours.organization_id
    AND asked.network = ours.network AND asked.remote_id = ours.in_reply_to
WHERE ours.id = ANY(%s) AND ours.organization_id = %s AND ours.is_ours AND ours.in_reply_to <> ''
    AND NOT asked.is_ours AND asked.author_id IS NOT NULL
ON CONFLICT (author_id) DO UPDATE
SET first_at = least(contact.first_at, excluded.first_at), last_at = greatest(contact.last_at, excluded.last_at)
"""
_CLAIM = """
UPDATE engagement_assignment
SET state = 'claimed', member_id = %s, claimed_at = %s,
    assigned_at = CASE WHEN member_id = %s THEN assigned_at ELSE %s END, version = version + 1
WHERE id = %s AND organization_id = %s AND state = 'open' AND (%s::integer IS NULL OR version = %s)
RETURNING version, assigned_at
"""


def colleagues_of(assignment: Assignment) -> MemberQuerySet:
    """The members who see the assignment by a position; `answers` says whether it can be given to them."""
    from roles.models import Member, Position

    held = Position.objects.in_force().reaching(assignment.department_id).filter(member=OuterRef("pk"))
    sees, answers = Exists(held.carrying("engagement.read")), Exists(held.carrying("engagement.claim"))
    rows: MemberQuerySet = Member.objects.active().filter(sees).annotate(answers=answers).select_related("user")
    return rows.by_name()


def hold_lock() -> None:
    """Be the only one who gives out work in the active organization until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, active_organization_id() % 2**31])


def open_loads(member_ids: Sequence[int], *, since: datetime) -> list[tuple[int, int, datetime | None, int]]:
    """For each member: the key, how many they have open, when they were last given one, and how many since a moment."""
    with connection.cursor() as cursor:
        cursor.execute(_LOADS, [active_organization_id(), since, MOST_COUNTED, list(member_ids)])
        rows: list[tuple[int, int, datetime | None, int]] = cursor.fetchall()
        return rows


def change_many(changes: Sequence[dict[str, Any]], *, at: datetime) -> None:
    """Give assignments to members, with the reasons, in one statement; a change is {id, member_id, reasons}."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_MANY, [at, orjson.dumps(changes).decode(), active_organization_id()])


def insert_many(rows: Sequence[dict[str, Any]], promises: Sequence[dict[str, Any]], *, at: datetime) -> dict[int, int]:
    """Insert assignments with what they promise, but none where a mention has one already; returns keys by mention."""
    said = {"rows": orjson.dumps(rows).decode(), "promises": orjson.dumps(promises).decode()}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_MANY, {"organization": active_organization_id(), "at": at, **said})
        return {mention_id: key for key, mention_id in cursor.fetchall()}


def place_mentions(departments: dict[int, int]) -> None:
    """Mark mentions as given to departments, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE_MENTIONS, [list(departments), list(departments.values()), active_organization_id()])


def give_topics(topics: dict[int, int]) -> None:
    """Say of mentions what they are about, in one statement; it counts as said by a person, who wrote the rule."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_TOPICS, [list(topics), list(topics.values()), active_organization_id()])


def meet(post_id: int, member_id: int, *, at: datetime) -> None:
    """Write down that a member has spoken with the author of a post."""
    with connection.cursor() as cursor:
        cursor.execute(_MEET, [active_organization_id(), member_id, at, at, post_id])


def meet_elsewhere(post_ids: Sequence[int], *, at: datetime) -> None:
    """Write down that our own account has spoken with those whom these posts of ours answer, at the network itself."""
    with connection.cursor() as cursor:
        cursor.execute(_MEET_ELSEWHERE, [at, at, list(post_ids), active_organization_id()])


def claim_open(key: int, member_id: int, *, at: datetime, version: int | None) -> tuple[int, datetime] | None:
    """Claim an assignment if it is still open (and still at this version); returns its new version, None if not."""
    params: list[Any] = [member_id, at, member_id, at, key, active_organization_id(), version, version]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, params)
        row: tuple[int, datetime] | None = cursor.fetchone()
        return row
