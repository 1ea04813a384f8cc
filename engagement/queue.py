"""What the queue shows: which assignments, how many behind each tab, and everything that was said about one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models import Assignment, NoteAddressee, Reply
from engagement.querysets import AssignmentQuerySet
from listening.models import Post
from listening.searching.excerpts import Parts, excerpt
from listening.searching.search import Search, patience
from roles.keys import key_in
from roles.models import Member

PER_PAGE = 25

TABS = {
    "mine": gettext_lazy("Mine"),
    "waiting": gettext_lazy("To take"),
    "snoozed": gettext_lazy("Snoozed"),
    "trouble": gettext_lazy("Not sent"),
    "resolved": gettext_lazy("Resolved"),
    "everyone": gettext_lazy("Everybody"),
}

# Each tab counts up to a bound, so that the page costs the same however much there is.
COUNTS = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM engagement_assignment WHERE organization_id = %(organization)s
          AND member_id = %(member)s AND state IN ('open', 'claimed') LIMIT %(bound)s) AS mine),
       (SELECT count(*) FROM (SELECT 1 FROM engagement_assignment WHERE organization_id = %(organization)s
          AND state = 'open' AND member_id IS NULL
          AND (%(everywhere)s OR department_id = ANY(%(departments)s::bigint[])) LIMIT %(bound)s) AS waiting),
       (SELECT count(*) FROM (SELECT 1 FROM engagement_assignment WHERE organization_id = %(organization)s
          AND state = 'snoozed' AND member_id = %(member)s LIMIT %(bound)s) AS snoozed),
       (SELECT count(*) FROM (SELECT DISTINCT r.assignment_id FROM engagement_reply r
          JOIN engagement_assignment a ON a.id = r.assignment_id AND a.state <> 'resolved'
          AND (%(everywhere)s OR a.department_id = ANY(%(departments)s::bigint[]) OR a.member_id = %(member)s)
          WHERE r.organization_id = %(organization)s AND r.state IN ('unknown', 'refused') LIMIT %(bound)s) AS trouble),
       (SELECT count(*) FROM (SELECT 1 FROM engagement_noteaddressee WHERE organization_id = %(organization)s
          AND member_id = %(member)s AND seen_at IS NULL LIMIT %(bound)s) AS notes)
"""

COUNTED_UP_TO = 99
COUNTED = ("mine", "waiting", "snoozed", "trouble", "notes")


def counts(member: Member) -> dict[str, str]:
    """How many stand behind each tab that is counted; “99+” beyond the bound. Asked once for each request."""
    from engagement.attention import attention

    return attention(member).queue


def waiting_for(member: Member) -> str:
    """What the navigation shows beside the queue: the member's own; for who holds none, what nobody has taken."""
    numbers = counts(member)
    number = numbers["mine"] if member.holds("engagement.claim") else numbers["waiting"]
    return "" if number == "0" else number


def behind(tab: str, member: Member) -> AssignmentQuerySet:
    """The assignments behind a tab; nobody sees those of departments in which they hold no position."""
    rows = Assignment.objects.all()
    match tab:
        case "waiting":
            return rows.left_over().within_reach_of(member)
        case "snoozed":
            return rows.of(member).filter(state=Assignment.State.SNOOZED)
        case "trouble":
            return rows.unresolved().visible_to(member).filter(pk__in=Reply.objects.in_trouble().values("assignment"))
        case "resolved":
            return rows.of(member).filter(state=Assignment.State.RESOLVED)
        case "everyone":
            return rows.waiting().visible_to(member)
        case _:
            return rows.of(member).waiting()


@dataclass(frozen=True)
class Filters:
    """What the reader narrowed the queue to."""

    search: str = ""
    network: str = ""
    department: str = ""
    priority: str = ""

    def __bool__(self) -> bool:
        return any((self.search, self.network, self.department, self.priority))

    def as_query(self) -> dict[str, str]:
        """The filters as they stand in the address."""
        return {name: value for name, value in vars(self).items() if value}

    def narrow(self, rows: AssignmentQuerySet) -> AssignmentQuerySet:
        """Keep what fits."""
        if self.network:
            rows = rows.filter(network=self.network)
        if (department := key_in(self.department)) is not None:
            rows = rows.filter(department_id=department)
        if (priority := key_in(self.priority)) is not None:
            rows = rows.filter(priority=priority)
        return rows


def page_of(
    rows: AssignmentQuerySet, tab: str, member: Member, after: str, search: Search | None = None
) -> tuple[list[Assignment], str]:
    """One page of what the member sees behind the tab, and the key by which the next one begins (empty at the end).

    Where something is searched for, each has the passage that says it as `parts`. Raises TooWide where a search would
    keep people waiting.
    """
    rows = rows.for_list(searched=search is not None)
    if tab == "resolved":
        rows = rows.order_by("-resolved_at", "-pk")
        if key := _read_key(after):
            rows = rows.filter(TupleLessThan((F("resolved_at"), F("pk")), key[1:]))
    else:
        rows = rows.most_urgent_first()
        if key := _read_key(after):
            rows = rows.filter(TupleGreaterThan((F("priority"), F("due_at"), F("pk")), key))
    if search is None:
        shown = _first(rows, _ways(tab, member))
    else:
        with patience():
            shown = list(search.narrow(rows, post="mention__post")[: PER_PAGE + 1])
        for row in shown[:PER_PAGE]:
            row.parts = _marked(row.mention.post, search)  # type: ignore[attr-defined]
    more = len(shown) > PER_PAGE
    return shown[:PER_PAGE], _write_key(shown[PER_PAGE - 1], tab) if more else ""


def _ways(tab: str, member: Member) -> list[Q]:
    """By what a member sees something behind the tab: an index leads to each, and none to one or the other."""
    if tab != "everyone" or None in member.reach:
        return [Q()]
    return [Q(department__in=member.reach), Q(member=member)]


def _first(rows: AssignmentQuerySet, ways: Sequence[Q]) -> list[Assignment]:
    """The first of the rows that one of the ways leads to, and one more than a page has, so that one knows of more."""
    if len(ways) > 1:
        first, *others = (rows.filter(way).values("pk")[: PER_PAGE + 1] for way in ways)
        rows = rows.filter(pk__in=first.union(*others))
    return list(rows[: PER_PAGE + 1])


def _marked(post: Post, search: Search) -> Parts:
    """The passage that says what is searched for, its words marked; nothing where only the author fits."""
    spans = search.spans(post)
    return excerpt(post.title, post.text, spans) if spans else []


def _write_key(row: Assignment, tab: str) -> str:
    at = row.resolved_at if tab == "resolved" and row.resolved_at else row.due_at
    return Signer(salt="queue").sign(f"{row.priority}~{at.isoformat()}~{row.pk}")


def _read_key(value: str) -> tuple[int, datetime, int] | None:
    try:
        priority, at, pk = Signer(salt="queue").unsign(value).split("~")
    except (BadSignature, ValueError):
        return None
    moment = parse_datetime(at)
    return (int(priority), moment, int(pk)) if moment else None


def snooze_choices(at: datetime, zone: Any) -> list[tuple[str, str, datetime]]:
    """Until when one may put an assignment away: value, words, moment in the reader's zone."""
    local = at.astimezone(zone)
    morning = local.replace(hour=9, minute=0, second=0, microsecond=0)
    choices = [
        ("hour", _("For an hour"), local + timedelta(hours=1)),
        ("hours", _("For three hours"), local + timedelta(hours=3)),
        ("tomorrow", _("Until tomorrow morning"), morning + timedelta(days=1)),
        ("monday", _("Until Monday morning"), morning + timedelta(days=7 - local.weekday())),
    ]
    return [(value, str(words), moment) for value, words, moment in choices]


def until(value: str, at: datetime, zone: Any) -> datetime | None:
    """The moment that a choice of `snooze_choices` means; None for any other word."""
    return next((moment for choice, _words, moment in snooze_choices(at, zone) if choice == value), None)


def newer(tab: str, member: Member, since: str) -> int:
    """How many assignments came behind the tab after a moment (ISO 8601)."""
    try:
        moment = parse_datetime(since)
    except ValueError:  # well written, and no day of any calendar
        moment = None
    if moment is None or moment.tzinfo is None or tab in {"resolved", "snoozed"}:
        return 0
    column = "created_at__gt" if tab in {"waiting", "everyone"} else "assigned_at__gt"
    return behind(tab, member).filter(**{column: moment})[: COUNTED_UP_TO + 1].count()


def notes_for(member: Member, after: int | None) -> list[NoteAddressee]:
    """The notes that name a member, the newest first; one more than a page has, so that one knows of more."""
    rows = NoteAddressee.objects.filter(member=member).with_everything().order_by("-note")
    return list((rows.filter(note__lt=after) if after else rows)[: PER_PAGE + 1])


def choices_of(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """Rows as choices of a filter."""
    return [(str(row.pk), str(row)) for row in rows]
