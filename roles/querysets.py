"""Reads of people that have a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson
from django.db import connection
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from roles.activities import Activity
from roles.tenancy import OwnedQuerySet, active_organization_id

if TYPE_CHECKING:
    from roles.models import AuditEntry, Department, EarlyOpening, Invitation, Member, TimeBlock  # noqa: F401


class Named(NamedTuple):
    """A member as a list of names shows them: made in a tenth of the time that the row itself takes."""

    pk: int
    name: str
    is_away: bool
    # Whether work can be given to them, where that was asked.
    answers: bool = True

    def __str__(self) -> str:
        return self.name


class MemberQuerySet(OwnedQuerySet["Member"]):
    """Members of the active organization."""

    def active(self) -> Self:
        """Those who have not left."""
        return self.filter(is_active=True)

    def reached_at(self, emails: Iterable[str]) -> dict[str, int]:
        """The keys of those who have not left, by which of these addresses is theirs; all are written small."""
        rows = self.active().alias(address=Lower("user__email")).filter(address__in=list(emails))
        return {member.user.email.lower(): member.pk for member in rows.select_related("user")}

    def available(self, at: datetime) -> Self:
        """Those who may be given work at this moment."""
        return self.active().exclude(Q(is_away=True) & (Q(away_until=None) | Q(away_until__gt=at)))

    def here(self, at: datetime) -> Self:
        """Those who are not away, and of whom it is an hour in which they answer."""
        from roles.models import TimeBlock

        blocks = TimeBlock.objects.for_answering().filter(member=OuterRef("pk"))
        return self.available(at).filter(~Exists(blocks) | Exists(blocks.covering(at)))

    def outside_their_hours(self, at: datetime) -> Self:
        """Those who are not away, and of whom it is no hour in which they answer."""
        from roles.models import TimeBlock

        blocks = TimeBlock.objects.for_answering().filter(member=OuterRef("pk"))
        return self.available(at).filter(Exists(blocks), ~Exists(blocks.covering(at)))

    def on_call(self, at: datetime) -> Self:
        """Coaches on call, and for each of them who is not here whoever stands in."""
        from roles.models import Member, Role

        called = Member.objects.active().with_role(Role.COACH).filter(is_on_call=True)
        away = called.exclude(pk__in=called.available(at).values("pk"))
        return self.filter(Q(pk__in=called.values("pk")) | Q(pk__in=away.values("stand_in")))

    def with_role(self, role: str, department_id: int | None = None) -> Self:
        """Those who hold the role in the department or for the whole organization."""
        from roles.models import Position

        held = Position.objects.in_force().filter(role=role, member=OuterRef("pk"))
        return self.filter(Exists(held if department_id is None else held.reaching(department_id)))

    def responding(self, *department_ids: int) -> Self:
        """Those whose duty it is to answer, in one of the departments or, with none named, anywhere; each once."""
        from roles.models import Position

        held = Position.objects.in_force().responding().filter(member=OuterRef("pk"))
        return self.filter(Exists(held.reaching(*department_ids) if department_ids else held))

    def who_may(self, capability: str, *department_ids: int) -> Self:
        """Those who have not left and hold a role with the capability, in one of the departments or anywhere."""
        from roles.models import Position

        held = Position.objects.in_force().carrying(capability).filter(member=OuterRef("pk"))
        return self.active().filter(Exists(held.reaching(*department_ids) if department_ids else held))

    def with_positions(self) -> Self:
        """With user and positions read along."""
        return self.select_related("user", "stand_in__user").prefetch_related(
            "positions__department", "positions__custom_role"
        )

    def by_name(self) -> Self:
        """In the order of names."""
        return self.order_by("user__name", "pk")

    def named(self, *more: str) -> list[Named]:
        """Read no more than a list of names shows; `more` names an annotation that says who `answers`."""
        name = Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField())
        return [Named(*row) for row in self.values_list("pk", name, "is_away", *more)]


class TimeBlockQuerySet(OwnedQuerySet["TimeBlock"]):
    """Time blocks of the active organization."""

    def for_answering(self) -> Self:
        """Those in which work comes to people by itself."""
        return self.filter(activity=Activity.RESPONDING)

    def covering(self, at: datetime) -> Self:
        """Those in which a moment lies, by the clock on the organization's wall; some run past midnight."""
        from roles.models.blocks import day_before, wall

        day, now = wall(at)
        within_a_day = Q(weekday=day, begins__lte=now, ends__gt=now)
        begun_today = Q(weekday=day, begins__lte=now, ends__lte=F("begins"))
        begun_yesterday = Q(weekday=day_before(day), ends__gt=now, ends__lte=F("begins"))
        return self.filter(within_a_day | begun_today | begun_yesterday)


class EarlyOpeningQuerySet(OwnedQuerySet["EarlyOpening"]):
    """What the active organization opened before its level."""

    def in_force(self) -> Self:
        """Those that nobody has closed."""
        return self.filter(closed_at=None)

    def opening(self, capability: str) -> Self:
        """Those that open this capability, by itself or with what cannot be without it."""
        from roles import levels

        return self.filter(capability__in=levels.opening(capability))

    def reaching(self, capability: str, department: Department | None) -> Self:
        """Those in force that open this capability in a department, or, where it follows the whole, for the whole."""
        where = Q(department=department)
        if department is not None and not department.level:
            where |= Q(department=None)
        return self.in_force().opening(capability).filter(where)

    def with_people(self) -> Self:
        """With department and people read along."""
        return self.select_related("department", "opened_by__user", "closed_by__user")


_APPEND = """
INSERT INTO roles_auditentry (organization_id, at, by_id, by_name, verb, subject_kind, subject_id, subject_label,
    before, after)
SELECT %s, %s, %s, %s, %s, new.subject_kind, new.subject_id, new.subject_label, new.before, new.after
FROM jsonb_to_recordset(%s::jsonb) AS new (subject_kind text, subject_id bigint, subject_label text, before jsonb,
    after jsonb)
"""


def append_entries(rows: Sequence[dict[str, Any]], *, verb: str, by_id: int | None, by_name: str, at: datetime) -> None:
    """Append to the audit log in one statement; a row is {subject_kind, subject_id, subject_label, before, after}."""
    if not rows:
        return
    said = orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [active_organization_id(), at, by_id, by_name, verb, said])


# One step into the index for each verb, however long the log is.
_NEWEST_OF = """
SELECT found.id FROM unnest(%s::text[]) AS said (verb)
CROSS JOIN LATERAL (
    SELECT id FROM roles_auditentry AS entry
    WHERE entry.organization_id = %s AND entry.verb = said.verb
      AND (entry.by_id IS NOT NULL OR said.verb = ANY(%s::text[]))
    ORDER BY id DESC LIMIT 1
) AS found
"""


class InvitationQuerySet(OwnedQuerySet["Invitation"]):
    """Invitations of the active organization."""

    def open(self, at: datetime) -> Self:
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at)

    def with_people(self) -> Self:
        """With department and inviter read along."""
        return self.select_related("department", "custom_role", "invited_by__user", "organization")


class AuditEntryQuerySet(OwnedQuerySet["AuditEntry"]):
    """The audit log of the active organization."""

    def about(self, kind: str, key: int) -> Self:
        """Entries about one row."""
        return self.filter(subject_kind=kind, subject_id=key)

    def chosen(self, *, by: str = "", verb: str = "", kind: str = "") -> Self:
        """Entries of one person, verb or kind of row, where one is named."""
        rows = self
        if by:
            rows = rows.filter(by_id=by)
        if verb:
            rows = rows.filter(verb=verb)
        return rows.filter(subject_kind=kind) if kind else rows

    def before(self, key: int | None) -> Self:
        """Entries older than one, or all."""
        return self.filter(pk__lt=key) if key else self

    def newest_of(self, verbs: Sequence[str], *, by_itself: Sequence[str] = ()) -> Self:
        """The newest entry of each verb that a person did; of those `by_itself`, also what the application did."""
        with connection.cursor() as cursor:
            cursor.execute(_NEWEST_OF, [list(verbs), active_organization_id(), list(by_itself)])
            return self.filter(pk__in=[key for (key,) in cursor.fetchall()])

    def different(self, column: str) -> list[str]:
        """Return the different values of an indexed column, jumping from one to the next instead of reading all."""
        if column not in {"verb", "subject_kind"}:
            raise ValueError(column)
        # The column is one of the two above; everything else is a parameter.
        sql = f"""
            WITH RECURSIVE steps AS (
                (SELECT {column} AS value FROM roles_auditentry WHERE organization_id = %s ORDER BY {column} LIMIT 1)
                UNION ALL
                SELECT (SELECT {column} FROM roles_auditentry
                        WHERE organization_id = %s AND {column} > steps.value ORDER BY {column} LIMIT 1)
                FROM steps WHERE steps.value IS NOT NULL
            )
            SELECT value FROM steps WHERE value <> ''
        """  # noqa: S608
        key = active_organization_id()
        with connection.cursor() as cursor:
            cursor.execute(sql, [key, key])
            return [value for (value,) in cursor.fetchall()]
