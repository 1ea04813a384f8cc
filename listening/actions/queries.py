"""Tracking queries: adding, changing, pausing and removing them. What changes applies from now on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from listening.matching import QueryError, parse
from listening.models import LookBack, MentionMatch, PostWords, TrackingQuery
from listening.refusals import unless_used
from listening.searching.preview import DAYS, preview
from listening.searching.search import TooWide
from listening.searching.width import Width
from roles.audit import record, record_change
from roles.background import hint
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed, require


class UnreadableQuery(ValidationError):
    """The expression cannot be read; `members` says where: `position` and `length` in characters, from 0."""

    def __init__(self, problem: QueryError) -> None:
        place = {"position": problem.position, "length": problem.length}
        super().__init__({"expression": ValidationError(str(problem), code="unreadable", params=place)})
        self.members = place


class WideQuery(ValidationError):
    """The query would find so much that people drown; `members` has the figures. `although_wide` saves it anyway."""

    def __init__(self, width: Width) -> None:
        super().__init__({"expression": ValidationError(width.in_words(), code="wide")})
        self.members = {
            "share": round(width.share, 4),
            "a_day": round(width.a_day, 1),
            "relevant": None if width.relevant is None else round(width.relevant, 4),
        }


def add_query(
    *,
    name: str,
    expression: str,
    department: Department | None = None,
    although_wide: bool = False,
    by: Member | None,
    at: datetime,
) -> TrackingQuery:
    """Listen for something from now on; a query that is too wide only if that is said to be meant."""
    if by is not None:
        require(by, "listening.manage_queries", department)
    query = TrackingQuery(
        name=name.strip(), expression=expression.strip(), department=department, created_at=at, created_by=by
    )
    query.changed_at = at
    _check(query)
    # Asking what it would find may take seconds, and nothing is held meanwhile.
    wide = _guard(query, although_wide=although_wide, at=at)
    return _add(department, query=query, wide=wide, by=by, at=at)


@allowed("listening.manage_queries")
@transaction.atomic
def _add(
    department: Department | None, *, query: TrackingQuery, wide: dict[str, Any], by: Member | None, at: datetime
) -> TrackingQuery:
    query.full_clean(exclude=["created_by"])
    query.save()
    record("add_query", query, by=by, at=at, after=_facts(query) | wide)
    look_again("sources")
    return query


@allowed("listening.manage_queries")
def change_query(
    query: TrackingQuery,
    *,
    name: str,
    expression: str,
    department: Department | None = None,
    although_wide: bool = False,
    by: Member | None,
    at: datetime,
) -> TrackingQuery:
    """Change what is listened for; what was found before stays as it is.

    How wide it is, is asked before anything is held; it is saved only if nobody has changed it meanwhile.
    """
    query = TrackingQuery.objects.get(pk=query.pk)
    version, before = query.changed_at, _facts(query)
    query.name, query.expression, query.department = name.strip(), expression.strip(), department
    if by is not None:
        require(by, "listening.manage_queries", query)
    if _facts(query) == before:
        return query
    _check(query)
    wide = _guard(query, although_wide=although_wide, at=at) if query.expression != before["expression"] else {}
    with transaction.atomic():
        held = TrackingQuery.objects.select_for_update(of=("self",)).get(pk=query.pk)
        if held.changed_at != version:
            raise ValidationError(_("Somebody has changed this query at this moment. Look at it again."))
        return _saved("change_query", query, before, by=by, at=at, more=wide)


@allowed("listening.manage_queries")
@transaction.atomic
def pause_query(query: TrackingQuery, *, by: Member | None, at: datetime) -> TrackingQuery:
    """Stop listening for this."""
    return _set_active(query, is_active=False, verb="pause_query", by=by, at=at)


@allowed("listening.manage_queries")
@transaction.atomic
def resume_query(query: TrackingQuery, *, by: Member | None, at: datetime) -> TrackingQuery:
    """Listen for this again, from now on."""
    return _set_active(query, is_active=True, verb="resume_query", by=by, at=at)


@allowed("listening.manage_queries")
@transaction.atomic
def remove_query(query: TrackingQuery, *, by: Member | None, at: datetime) -> None:
    """Listen for this no more; the mentions that it found stay."""
    # The row is held before its matches go, so that an ingest at this moment waits and then finds it gone.
    query = TrackingQuery.objects.select_for_update(of=("self",)).get(pk=query.pk)
    record("remove_query", query, by=by, at=at, before=_facts(query))
    MentionMatch.objects.filter(query=query).delete()
    with unless_used():
        query.delete()
    look_again("sources", "stream")


@allowed("listening.manage_queries")
@transaction.atomic
def look_back(query: TrackingQuery, *, by: Member | None, at: datetime) -> LookBack:
    """Let a query find what was captured in the last 30 days too; one that is looking goes on."""
    query = TrackingQuery.objects.select_for_update(of=("self",)).get(pk=query.pk)
    running = LookBack.objects.filter(query=query, state=LookBack.State.RUNNING).first()
    if running is not None and running.expression == query.expression:
        return running
    if running is not None:
        running.state, running.finished_at = LookBack.State.STOPPED, at
        running.save(update_fields=["state", "finished_at"])
    since = at - timedelta(days=DAYS)
    posts = PostWords.objects.filter(captured_at__gte=since).aggregate(first=Min("post"), last=Max("post"))
    before = (posts["first"] or 1) - 1
    look = LookBack.objects.create(
        query=query,
        expression=query.expression,
        since=since,
        from_post=before,
        reached_post=before,
        until_post=posts["last"] or before,
        asked_at=at,
        asked_by=by,
    )
    record("look_back", query, by=by, at=at, after={"since": since.isoformat()})
    hint("listening.tasks.look_back")
    look_again("sources")
    return look


def _set_active(query: TrackingQuery, *, is_active: bool, verb: str, by: Member | None, at: datetime) -> TrackingQuery:
    query = TrackingQuery.objects.select_for_update(of=("self",)).get(pk=query.pk)
    if query.is_active == is_active:
        return query
    before = _facts(query)
    query.is_active = is_active
    return _saved(verb, query, before, by=by, at=at)


def _saved(
    verb: str,
    query: TrackingQuery,
    before: dict[str, Any],
    *,
    by: Member | None,
    at: datetime,
    more: dict[str, Any] | None = None,
) -> TrackingQuery:
    query.changed_at = at
    query.save()
    record_change(verb, query, by=by, at=at, before=before, after=_facts(query), more=more)
    look_again("sources")
    return query


def _check(query: TrackingQuery) -> None:
    try:
        parse(query.expression)
    except QueryError as problem:
        raise UnreadableQuery(problem) from problem
    query.full_clean(exclude=["created_by"])


def _guard(query: TrackingQuery, *, although_wide: bool, at: datetime) -> dict[str, Any]:
    """Refuse what is too wide; returns what the audit log keeps of it if it is saved all the same."""
    try:
        width = preview(parse(query.expression), at=at, besides=query if query.pk else None).width
    except TooWide:  # the database is busy: no figure, no guard
        return {}
    if not width.is_wide:
        return {}
    if not although_wide:
        raise WideQuery(width)
    return {"although_wide": width.in_words()}


def _facts(query: TrackingQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "expression": query.expression,
        "department": str(query.department or ""),
        "is_active": query.is_active,
    }
