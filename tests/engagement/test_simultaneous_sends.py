"""Whoever sends at the same moment: one reply is written, one goes out, and everybody else's words are drafts."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction

from engagement import outbox
from engagement.actions.outcomes import follow_up_next
from engagement.actions.replies import reply
from engagement.models import Assignment, Draft, FollowUp, Reply
from engagement.refusals import Refusal
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.engagement.doubles import Town

ROUNDS = 6


def at_once(cast: Cast, works: list[Callable[[], Any]]) -> list[Any]:
    """Do things at the same moment, each in a thread and on a connection of its own."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            with acting_for(cast.organization):
                barrier.wait(20)
                return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


@pytest.mark.django_db(transaction=True)
def test_one_reply_whatever_they_do(town: Town) -> None:
    cast = assemble()
    rng = random.Random(7)
    for number in range(ROUNDS):
        with acting_for(cast.organization):
            factories.channel(network="town", name=f"Account {number}") if not number else None
            post = factories.post("Is Acme down?", network="town")
            row = factories.assignment(
                department=cast.care, mention=factories.mention(post=post, department=cast.care, state="routed")
            )
        senders = [cast.rosa, cast.rui, cast.carla, rng.choice([cast.rosa, cast.rui])]
        rng.shuffle(senders)

        def send(key: int, place: int, by: Any) -> str:
            seen = Assignment.objects.with_mentions().get(pk=key)
            try:
                reply(seen, text=f"From {by} {place}", by=by, at=clock.now(), seen_version=0, key=f"form {place}")
            except (Refusal, PermissionDenied) as problem:
                return str(problem)
            return ""

        works = [lambda key=row.pk, place=place, by=by: send(key, place, by) for place, by in enumerate(senders)]
        answers = at_once(cast, works)
        with acting_for(cast.organization):
            assert Reply.objects.filter(assignment=row).count() == 1
            assert [bool(answer) for answer in answers].count(False) == 1
            losers = {by.pk for by, answer in zip(senders, answers, strict=True) if answer}
            kept = set(Draft.objects.filter(assignment=row).values_list("member", flat=True))
            assert losers <= kept
    at_once(cast, [lambda: [outbox.deliver_next(now=clock.now) for _turn in range(ROUNDS)] for _worker in range(3)])
    assert len(town.taken) == ROUNDS


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_claims_no_other_waits_for(town: Town) -> None:
    """The claim is one statement that passes over what is being claimed, however long its transaction takes."""
    cast = assemble()
    with acting_for(cast.organization):
        factories.channel(network="town")
        post = factories.post("Is Acme down?", network="town")
        about = factories.mention(post=post, department=cast.care, state="routed")
        row = factories.assignment(department=cast.care, mention=about)
        reply(row, text="We are on it.", by=cast.rosa, at=clock.now())

    def another_claims() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            return outbox.replies_out.claim_ready(at=clock.now())
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert outbox.replies_out.claim_ready(at=clock.now()) is not None
        assert pool.submit(another_claims).result() is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_look_again_once() -> None:
    cast = assemble()
    at = clock.now()
    with acting_for(cast.organization):
        row = factories.assignment(department=cast.care, member=cast.rosa, state="resolved", resolved_at=at)
        FollowUp.objects.create(assignment=row, by=cast.rosa, set_at=at, due_at=at)
    answers = at_once(cast, [lambda: follow_up_next(at=at)] * 4)
    with acting_for(cast.organization):
        row.refresh_from_db()
    assert (sorted(answers), row.reopened_count, row.state) == ([False, False, False, True], 1, "open")
