"""One code for callers that await and callers that do not, and a word for what went wrong before anything was sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from listening.networks.http import Answer
from listening.networks.protocols import Access, RateLimited, Unreachable, Unreadable
from listening.networks.words import _

T = TypeVar("T")
Send = Callable[..., Awaitable[Answer]]
WAIT_BEFORE_SENDING = 60.0


def waiting(access: Access) -> Send:
    """Return a way to send that has its answer when it returns, for `at_once`."""

    async def send(method: str, url: str, **options: Any) -> Answer:
        answer: Answer = access.http.request(method, url, **options)
        return answer

    return send


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end what waits for nothing but a client made by `waiting`."""
    try:
        work.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    raise RuntimeError("This work waits for something that does not come at once.")


@contextmanager
def before_sending() -> Iterator[None]:
    """Whatever goes wrong in here, nothing was sent: it is asked to wait, and goes out later."""
    try:
        yield
    except (Unreachable, Unreadable) as problem:
        raise RateLimited(
            _("Nothing was sent yet. %(problem)s", problem=problem), wait=WAIT_BEFORE_SENDING
        ) from problem
