"""Real PostgreSQL and Valkey for every test, the cast, and a client that is signed in."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client, TransactionTestCase
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.cast import Cast, assemble
from tests.database import empty

# How long an example takes says how busy the machine is, and nothing about the code. What is drawn differs from run to
# run: a few each time, and many where there is time (`make test-long`).
hypothesis_settings.register_profile(
    "calm",
    deadline=None,
    max_examples=int(os.environ.get("EXAMPLES", "50")),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("calm")


# Slow on purpose where people sign in; here nobody guesses passwords.
PBKDF2PasswordHasher.iterations = 1_000
TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]


# What waits for processes and browsers begins, so that no process is left with it at the end.
FIRST = ("faults", "setup", "e2e")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal the files that wait to all processes, each of which begins with a stretch of the list."""
    items.sort(key=lambda item: FIRST.index(item.path.parent.name) if item.path.parent.name in FIRST else len(FIRST))
    hands = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    waiting = [item for item in items if item.path.parent.name in FIRST]
    files = list(dict.fromkeys(item.path for item in waiting))
    rest = iter(items[len(waiting) :])
    dealt: list[pytest.Item] = []
    for hand in range(hands):
        stretch = (len(items) - len(dealt)) // (hands - hand)
        own = [item for item in waiting if files.index(item.path) % hands == hand]
        dealt += [*own, *islice(rest, max(0, stretch - len(own)))]
    items[:] = [*dealt, *rest]


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True)
def _nobody_is_here() -> Iterator[None]:
    """Tests, like tasks, begin with nobody to act for, and in no language or zone that a page left with the thread."""
    from roles.tenancy import acting_for

    translation.deactivate()
    timezone.deactivate()
    with acting_for(None):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """Acme, its people, and Sam from elsewhere."""
    return assemble()


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    """The cast, acting for Acme."""
    from roles.tenancy import acting_for

    with acting_for(cast.organization):
        yield cast


@pytest.fixture
def sign_in() -> Callable[[Any], Client]:
    """Sign a member in and return their client; addresses begin with /o/<organization>/."""

    def enter(member: Any) -> Client:
        client = Client()
        client.force_login(member.user)
        return client

    return enter


class ApiClient:
    """Calls the API as one member."""

    def __init__(self, key: str) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Token {key}"}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(path: str, data: Any = None, *, headers: dict[str, str] | None = None, **rest: Any) -> Any:
            kwargs: dict[str, Any] = {"headers": self.headers | (headers or {}), **rest}
            if method == "get":
                return self.client.get(path, data, **kwargs)
            return getattr(self.client, method)(path, data, content_type="application/json", **kwargs)

        return call


@pytest.fixture
def api(cast: Cast) -> Callable[[Any], ApiClient]:
    """Return a client of the API that acts as the member."""
    return lambda member: ApiClient(cast.token(member))
