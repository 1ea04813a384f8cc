"""An account on the square, a town that takes what is published, and an organization that may publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from content.actions.publications import plan_now
from content.models import Publication, ReviewPolicy, Variant
from listening import networks
from roles import clock
from roles.models import Level
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square
from tests.engagement.writing import Time


@pytest.fixture
def now() -> Time:
    return Time()


@pytest.fixture
def square() -> Iterator[Square]:
    made = Square()
    networks._registered()[made.name] = made  # type: ignore[assignment]
    yield made
    networks._registered().pop(made.name, None)


@pytest.fixture
def creating(acme: Cast) -> Cast:
    acme.organization.level = Level.CREATING
    acme.organization.save()
    # What is published here is nothing that anybody has to see first.
    ReviewPolicy.objects.create(name="Posts", kind="post", waives=True, created_at=clock.now())
    return acme


@pytest.fixture
def written(creating: Cast, square: Square) -> Callable[..., Variant]:
    """Write variants for the square, each of a piece of its own in customer care."""

    def one(text: str = "We true wheels on Saturdays.", **fields: Any) -> Variant:
        channel = fields.pop("channel", None) or factories.channel(network="square")
        piece = factories.piece(author=creating.rosa, department=creating.care)
        return factories.variant(piece, channel=channel, text=text, **fields)

    return one


@pytest.fixture
def planned(creating: Cast, written: Any, now: Time) -> Callable[..., Publication]:
    """Plan variants for now."""

    def one(text: str = "We true wheels on Saturdays.", **fields: Any) -> Publication:
        return plan_now(written(text, **fields), by=creating.rosa, at=now())

    return one
