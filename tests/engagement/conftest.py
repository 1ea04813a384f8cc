"""A town to speak in, and mentions from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from engagement.actions.approvals import add_policy
from engagement.actions.replies import reply
from engagement.actions.rules import add_rule
from engagement.models import ApprovalPolicy, Assignment, Reply
from engagement.routing import route
from listening import networks
from listening.models import Channel
from roles import clock
from roles.actions import calendars
from roles.models import Member
from roles.steps import A_COACH, Step
from tests import factories
from tests.cast import Cast
from tests.engagement.doubles import Mute, Town
from tests.engagement.targets import WEEK, on
from tests.engagement.writing import Time


@pytest.fixture
def at() -> datetime:
    """The moment of the test."""
    return clock.now()


def _installed(network: Any) -> Iterator[Any]:
    networks._registered()[network.name] = network
    yield network
    del networks._registered()[network.name]


@pytest.fixture
def town() -> Iterator[Town]:
    """The town, installed as a network."""
    yield from _installed(Town())


@pytest.fixture
def mute() -> Iterator[Mute]:
    """A network that cannot be asked what arrived."""
    yield from _installed(Mute())


@pytest.fixture
def given(acme: Cast) -> Callable[..., Assignment]:
    """Make an assignment of customer care."""

    def make(member: Member | None = None, *, network: str = "practice", **fields: Any) -> Assignment:
        if "mention" not in fields:
            post = factories.post(fields.pop("text", "Is Acme down?"), network=network)
            fields["mention"] = factories.mention(post=post, department=acme.care, state="routed")
        return factories.assignment(department=acme.care, member=member, **fields)

    return make


@pytest.fixture
def claimed(given: Callable[..., Assignment], acme: Cast, at: datetime) -> Callable[..., Assignment]:
    """Make an assignment that Rosa has claimed."""

    def make(member: Member | None = None, **fields: Any) -> Assignment:
        return given(member or acme.rosa, state="claimed", claimed_at=at, **fields)

    return make


@pytest.fixture
def now() -> Time:
    """A clock that the test moves."""
    return Time()


@pytest.fixture
def written(acme: Cast, town: Town, claimed: Callable[..., Assignment], now: Time) -> Callable[..., Reply]:
    """Write a reply of Rosa's to somebody in the town."""

    def write(text: str = "We are on it.", *, network: str = "town", **fields: Any) -> Reply:
        Channel.objects.get_or_create(network=network, defaults={"account_id": "1", "handle": "acme", "name": "Acme"})
        return reply(claimed(network=network), text=text, by=acme.rosa, at=now(), **fields)

    return write


@pytest.fixture
def policy(acme: Cast, now: Time) -> Callable[..., ApprovalPolicy]:
    """Write a policy: Carla's yes, unless said otherwise."""

    def write(*steps: Step, **fields: Any) -> ApprovalPolicy:
        named = {"name": "Everything", **fields}
        return add_policy(acme.organization, steps=steps or (A_COACH,), by=acme.carla, at=now(), **named)

    return write


@pytest.fixture
def office(acme: Cast) -> Any:
    """Monday to Friday, nine to six, for everyone."""
    return calendars.add_calendar(
        acme.organization, name="Office", time_zone="UTC", week=WEEK, by=None, at=on(-9, "9:00")
    )


@pytest.fixture
def routed(acme: Cast) -> Callable[..., Assignment]:
    """Let somebody write, and route it to customer care."""

    def make(at: datetime, *, conversation: str = "", **rule: Any) -> Assignment:
        add_rule(acme.care, name="All", by=None, at=at, **rule)
        post = factories.post(at=at, conversation=conversation)
        (row,) = route([factories.mention(post=post, at=at)], at=at)
        return Assignment.objects.get(pk=row.pk)

    return make
