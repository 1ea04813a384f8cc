"""Workers killed while they route, and many at once: each mention is routed once, nobody is filled above capacity."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from engagement.actions.assignments import claim
from engagement.actions.policy import escalate_due
from engagement.actions.rules import add_rule
from engagement.assigning import sweep_left_overs
from engagement.models import Assignment, Escalation
from engagement.refusals import Taken
from engagement.routing import route
from listening.ingest import ingest
from listening.models import Mention, Post, Source
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from roles import clock
from roles.actions.people import come_back, go_away
from roles.models import AuditEntry, Member, Position
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble, join
from tests.faults import workers

POSTS = 30


@pytest.fixture
def acme(transactional_db: None) -> Iterator[Cast]:
    cast = assemble()
    with acting_for(cast.organization):
        add_rule(cast.care, name="All", by=cast.carla, at=clock.now())
        yield cast


def take_in(source: Source, *, at: datetime) -> None:
    """Take a page of posts about Acme in."""
    author = RemoteAuthor(id="9", handle="ada", name="Ada")
    posts = tuple(
        RemotePost(id=str(number), text=f"acme {number}", author=author, published_at=at) for number in range(POSTS)
    )
    ingest(source, Page(posts=posts, cursor={"after": POSTS}), at=at)


@pytest.mark.parametrize("step", ["before assigning", "assignments written", "mentions placed", "told", "committed"])
def test_a_worker_killed_at_any_step_routes_all_or_nothing(acme: Cast, step: str) -> None:
    factories.query("acme")
    source = factories.source(network="practice", place="everything")
    assert workers.run("tests.faults.route_and_die", step) == -signal.SIGKILL
    whole = POSTS if step == "committed" else 0
    assert (Post.objects.count(), Mention.objects.count(), Assignment.objects.count()) == (whole, whole, whole)
    take_in(source, at=clock.now())
    assert (Post.objects.count(), Mention.objects.count(), Assignment.objects.count()) == (POSTS, POSTS, POSTS)
    assert set(Mention.objects.values_list("state", flat=True)) == {"routed"}
    assert Counter(Assignment.objects.values_list("member", flat=True)) == {acme.rosa.pk: 15, acme.rui.pk: 15}


def at_once(cast: Cast, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it at the same time, each on a connection of its own; returns what each returned."""
    start = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            with acting_for(cast.organization):
                start.wait()
                return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result(timeout=600) for done in [pool.submit(one, work) for work in works]]


def loads() -> Counter[int | None]:
    return Counter(Assignment.objects.values_list("member", flat=True))


def test_many_routing_at_once_fill_nobody_above_capacity(acme: Cast) -> None:
    Position.objects.filter(member__in=[acme.rosa, acme.rui]).update(capacity=25)
    batches = [[factories.mention() for _ in range(20)] for _ in range(6)]

    def routes(batch: list[Mention]) -> Callable[[], None]:
        def work() -> None:
            with transaction.atomic():
                route(batch, at=clock.now())

        return work

    at_once(acme, [routes(batch) for batch in batches])
    assert loads() == {acme.rosa.pk: 25, acme.rui.pk: 25, None: 70}


def test_the_same_mentions_routed_at_once_become_one_assignment_each(acme: Cast) -> None:
    keys = [factories.mention().pk for _ in range(20)]

    def work() -> None:
        mentions = list(Mention.objects.select_related("post__author").filter(pk__in=keys))
        with transaction.atomic():
            route(mentions, at=clock.now())

    at_once(acme, [work] * 4)
    assert Assignment.objects.count() == 20


def test_coming_and_going_while_work_is_given_out_leaves_nothing_with_who_is_away(acme: Cast) -> None:
    batches = [[factories.mention() for _ in range(5)] for _ in range(10)]

    def give_out() -> None:
        for batch in batches:
            with transaction.atomic():
                route(batch, at=clock.now())

    def come_and_go() -> None:
        member = Member.objects.get(pk=acme.rosa.pk)
        for _ in range(5):
            go_away(member, by=member, at=clock.now())
            come_back(member, by=member, at=clock.now())
        go_away(member, by=member, at=clock.now())

    def sweep() -> None:
        for _ in range(10):
            with transaction.atomic():
                sweep_left_overs(at=clock.now())

    at_once(acme, [give_out, come_and_go, sweep])
    sweep()
    assert loads() == {acme.rui.pk: 20, None: 30}


def test_eight_people_claim_eighty_assignments_and_none_twice(acme: Cast) -> None:
    people = [join(f"Person{number}", "responder", acme.care) for number in range(8)]  # type: ignore[arg-type]
    keys = [factories.assignment(department=acme.care).pk for _ in range(80)]

    def claims(member: Member) -> Callable[[], list[int]]:
        def work() -> list[int]:
            won = []
            for key in keys:
                try:
                    won.append(claim(Assignment.objects.get(pk=key), by=member, at=clock.now()).pk)
                except Taken:
                    continue
            return won

        return work

    won = at_once(acme, [claims(Member.objects.get(pk=member.pk)) for member in people])
    assert Counter(key for keys in won for key in keys) == dict.fromkeys(keys, 1)
    owners = {row.pk: row.member_id for row in Assignment.objects.all()}
    assert owners == {key: member.pk for member, keys in zip(people, won, strict=True) for key in keys}
    assert AuditEntry.objects.filter(verb="claim").count() == 80


def test_claiming_routing_sweeping_and_escalating_at_once_give_everything_once_and_fairly(acme: Cast) -> None:
    people = [join(f"Person{number}", "responder", acme.care) for number in range(4)]  # type: ignore[arg-type]
    Position.objects.filter(department=acme.care).update(capacity=1000)
    keys = [factories.assignment(department=acme.care, escalates_at=clock.now()).pk for _ in range(60)]
    batches = [[factories.mention() for _ in range(10)] for _ in range(8)]

    def claims(member: Member) -> Callable[[], list[int]]:
        def work() -> list[int]:
            won = []
            for key in keys:
                try:
                    won.append(claim(Assignment.objects.get(pk=key), by=member, at=clock.now()).pk)
                except Taken:
                    continue
            return won

        return work

    def routes(mine: list[list[Mention]]) -> Callable[[], None]:
        def work() -> None:
            for batch in mine:
                with transaction.atomic():
                    route(batch, at=clock.now())

        return work

    def sweeps() -> None:
        for _ in range(4):
            with transaction.atomic():
                sweep_left_overs(at=clock.now())
            escalate_due(at=clock.now())

    works = [claims(Member.objects.get(pk=member.pk)) for member in people]
    found = at_once(acme, [*works, routes(batches[::2]), routes(batches[1::2]), sweeps])
    won = [key for keys in found[:4] for key in keys]
    assert Counter(won) == dict.fromkeys(keys, 1)
    assert Assignment.objects.count() == 60 + 80
    assert Escalation.objects.count() == Escalation.objects.values("assignment").distinct().count()
    given = Counter(Assignment.objects.exclude(pk__in=keys).values_list("member", flat=True))
    assert None not in given and sum(given.values()) == 80
    # One batch that is large enough to make up for what was claimed by hand: then nobody has two more than another.
    spread = max(loads().values()) - min(loads()[member.pk] for member in [*people, acme.rosa, acme.rui])
    late = [factories.mention() for _ in range(spread * 6)]
    with transaction.atomic():
        route(late, at=clock.now())
    now = [loads()[member.pk] for member in [*people, acme.rosa, acme.rui]]
    assert max(now) - min(now) <= 1
