"""Tracking queries: adding, changing, pausing and removing them. What changes applies from now on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from listening.matching import QueryError, parse
from listening.models import MentionMatch, TrackingQuery
from listening.refusals import unless_used
from roles.audit import record
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed, require


class UnreadableQuery(ValidationError):
    """The expression cannot be read; `members` says where: `position` and `length` in characters, from 0."""

    def __init__(self, problem: QueryError) -> None:
        place = {"position": problem.position, "length": problem.length}
        super().__init__({"expression": ValidationError(str(problem), code="unreadable", params=place)})
        self.members = place


def add_query(
    *, name: str, expression: str, department: Department | None = None, by: Member | None, at: datetime
) -> TrackingQuery:
    """Listen for something from now on."""
    return _add(department, name=name, expression=expression, by=by, at=at)


@allowed("listening.manage_queries")
@transaction.atomic
def _add(
    department: Department | None, *, name: str, expression: str, by: Member | None, at: datetime
) -> TrackingQuery:
    query = TrackingQuery(
        name=name.strip(), expression=expression.strip(), department=department, created_at=at, created_by=by
    )
    query.changed_at = at
    _check(query)
    query.save()
    record("add_query", query, by=by, at=at, after=_facts(query))
    look_again("sources")
    return query


@allowed("listening.manage_queries")
@transaction.atomic
def change_query(
    query: TrackingQuery,
    *,
    name: str,
    expression: str,
    department: Department | None = None,
    by: Member | None,
    at: datetime,
) -> TrackingQuery:
    """Change what is listened for; what was found before stays as it is."""
    query = TrackingQuery.objects.select_for_update(of=("self",)).get(pk=query.pk)
    before = _facts(query)
    query.name, query.expression, query.department = name.strip(), expression.strip(), department
    if by is not None:
        require(by, "listening.manage_queries", query)
    if _facts(query) == before:
        return query
    _check(query)
    return _saved("change_query", query, before, by=by, at=at)


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


def _set_active(query: TrackingQuery, *, is_active: bool, verb: str, by: Member | None, at: datetime) -> TrackingQuery:
    query = TrackingQuery.objects.select_for_update(of=("self",)).get(pk=query.pk)
    if query.is_active == is_active:
        return query
    before = _facts(query)
    query.is_active = is_active
    return _saved(verb, query, before, by=by, at=at)


def _saved(
    verb: str, query: TrackingQuery, before: dict[str, Any], *, by: Member | None, at: datetime
) -> TrackingQuery:
    query.changed_at = at
    query.save()
    after = _facts(query)
    changed = [name for name in after if after[name] != before[name]]
    record(
        verb,
        query,
        by=by,
        at=at,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    look_again("sources")
    return query


def _check(query: TrackingQuery) -> None:
    try:
        parse(query.expression)
    except QueryError as problem:
        raise UnreadableQuery(problem) from problem
    query.full_clean(exclude=["created_by"])


def _facts(query: TrackingQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "expression": query.expression,
        "department": str(query.department or ""),
        "is_active": query.is_active,
    }
