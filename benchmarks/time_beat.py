"""What it costs that open pages tell every half minute that somebody is at them, and what it adds to every page.

The statement that counts a sign stands beside a bare update of one row by its key; the request beside one that answers
nothing; a page without script, which counts by itself, beside the same page with it; and what apps above ask along on
every page beside the same question without it. Then clients tell for people of their own, as fast as they can.

    python -m benchmarks time_beat [-- --people 1000 --days 365 --rounds 200]
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ruff: noqa: E402 -- Django wants to be set up before models are imported.
import django

django.setup()

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from benchmarks.report import medians, table
from config import urls
from engagement import attention
from maturity.actions.guidelines import add_guideline
from maturity.actions.time import be_at_it
from maturity.middleware import COOKIE
from maturity.models import GuidelineSection
from roles import clock
from roles.models import Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for

SLUG = "bench-time"
CLIENTS, SECONDS = 8, 5.0
EVERY = 30
FILL = """
INSERT INTO maturity_lastsign (organization_id, member_id, at, activity)
SELECT %(organization)s, id, %(at)s - interval '30 seconds', 'responding' FROM roles_member
WHERE organization_id = %(organization)s;

INSERT INTO maturity_measuredtime (organization_id, member_id, day, activity, seconds)
SELECT %(organization)s, member.id, %(at)s::date - back, activity, 3600
FROM roles_member member, generate_series(0, %(days)s - 1) AS back,
    unnest(ARRAY['responding', 'monitoring']) AS activity
WHERE member.organization_id = %(organization)s;

ANALYZE maturity_lastsign; ANALYZE maturity_measuredtime;
"""
BARE = "UPDATE maturity_measuredtime SET seconds = seconds + 1 WHERE id = %s"


def empty(request: HttpRequest) -> HttpResponse:
    """A request that only finds out who asks."""
    return HttpResponse(status=204)


def fill(people: int, days: int) -> tuple[Organization, list[Member]]:
    """Make an organization whose people have worked for so many days."""
    organization = Organization.objects.create(name="Time", slug=SLUG, level=Level.RESPONSIVE)
    with acting_for(organization):
        users = User.objects.bulk_create(
            User(email=f"time{number}@example.org", name=f"Person {number}", password="!") for number in range(people)
        )
        members = Member.objects.bulk_create(Member(user=user) for user in users)
        Position.objects.bulk_create(Position(member=member, role=Role.RESPONDER) for member in members)
        for number in range(12):
            add_guideline(organization, title=f"Section {number}", text="Be kind.", by=None, at=clock.now())
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"organization": organization.pk, "days": days, "at": clock.now()})
    return organization, members


@contextmanager
def without_what_is_asked_along() -> Any:
    """The question of every page as it would be without what apps above ask along."""
    kept = dict(attention._besides)
    attention._besides.clear()
    try:
        yield
    finally:
        attention._besides.update(kept)


def ask(member: Member) -> None:
    """Ask what waits for a member, anew."""
    member.__dict__.pop("attention", None)
    attention.attention(member)


def alone(member: Member) -> None:
    """The same without what is asked along; the names go with it, so that what is found is taken apart right."""
    with without_what_is_asked_along():
        ask(member)


def at_once(organization: Organization, members: list[Member]) -> float:
    """Let clients tell for people of their own for a while; returns signs a second."""
    counts = [0] * CLIENTS
    until = time.monotonic() + SECONDS

    def tell(number: int) -> None:
        mine = members[number::CLIENTS]
        with acting_for(organization):
            while time.monotonic() < until:
                who = mine[counts[number] % len(mine)]
                be_at_it(who, activity="responding", seconds=30, by=who, at=clock.now())
                counts[number] += 1
        connection.close()

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def works(organization: Organization, members: list[Member]) -> dict[str, tuple[Callable[[], object], str]]:
    """What is measured, by name, each with what it stands beside."""
    who, turn = members[0], iter(range(10**9))
    says, says_not = Client(), Client()
    for client in (says, says_not):
        client.force_login(who.user)
    says.cookies[COOKIE] = "1"
    html = {"Accept": "text/html"}
    with acting_for(organization), connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM maturity_measuredtime WHERE organization_id = %s", [organization.pk])
        (key,) = cursor.fetchone()  # type: ignore[misc]

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [key])

    def sign() -> None:
        member = members[next(turn) % len(members)]
        be_at_it(member, activity="responding", seconds=30, by=member, at=clock.now())

    at = f"/o/{SLUG}"
    statement, request = "one row changed by its key", "a request that answers nothing"
    page, question = (
        "a page whose browser says itself that one is at it",
        "what waits, asked without what is asked along",
    )
    return {
        statement: (bare, statement),
        "a sign counted: last sign, day, activity": (sign, statement),
        request: (partial(says.post, f"{at}/empty/"), request),
        "a sign told by a page": (
            partial(says.post, f"{at}/time/at-it/", {"activity": "responding", "seconds": 30}),
            request,
        ),
        page: (partial(says.get, f"{at}/guidelines/", headers=html), page),
        "the same page without script, which counts": (partial(says_not.get, f"{at}/guidelines/", headers=html), page),
        question: (partial(alone, who), question),
        "what waits, with the four things asked along": (partial(ask, who), question),
    }


def main() -> None:
    """Fill, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    urls.urlpatterns[:0] = [path("empty/", empty)]
    organization, members = fill(asked.people, asked.days)
    with acting_for(organization):
        sections = GuidelineSection.objects.count()
        measured = works(organization, members)
        taken = dict(zip(measured, medians([work for work, _beside in measured.values()], asked.rounds), strict=True))
    rate = at_once(organization, members)
    print(
        f"{asked.people:,} people, {asked.people * asked.days * 2:,} days of work, {sections} guidelines; medians of "
        f"{asked.rounds} rounds in turns, in process, warm.\n"
    )
    rows = [
        (name, f"{taken[name]:.2f}", f"{taken[name] / taken[beside]:.1f}") for name, (_work, beside) in measured.items()
    ]
    print(table(["what", "ms", "x what it stands beside"], rows))
    print(
        f"\n{CLIENTS} clients of one process at once: {rate:,.0f} signs/s. That is {rate * EVERY:,.0f} people at it "
        f"at the same time, each telling every {EVERY} s."
    )


if __name__ == "__main__":
    main()
