"""A cache that is shared while the broker answers, and the process's own while it does not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)
# After a failure it is left alone for a while: pages count there, and must not wait for it each time.
PAUSE_SECONDS = 5.0


class SharedCache(RedisCache):
    """The broker's memory, which counts in one go."""

    def count(self, key: str, *, seconds: int) -> int:
        """How many times the key was counted within `seconds` of the first time, this time included."""
        name = self.make_and_validate_key(key)
        with self._cache.get_client(name, write=True).pipeline() as both:
            both.set(name, 0, ex=seconds, nx=True)
            both.incr(name)
            return int(both.execute()[1])


class _Own(LocMemCache):
    def count(self, key: str, *, seconds: int) -> int:
        self.add(key, 0, timeout=seconds)
        try:
            return self.incr(key)
        except ValueError:  # it ended between the two
            self.set(key, 1, timeout=seconds)
            return 1


def _steady(name: str) -> Callable[..., Any]:
    def call(self: SteadyCache, *args: Any, **kwargs: Any) -> Any:
        if monotonic() < self.again_at:
            return getattr(self.own, name)(*args, **kwargs)
        try:
            return getattr(SharedCache, name)(self, *args, **kwargs)
        except (redis.ConnectionError, redis.TimeoutError) as problem:
            self.again_at = monotonic() + PAUSE_SECONDS
            log.warning("The shared cache is away: %s", problem)
            return getattr(self.own, name)(*args, **kwargs)

    return call


class SteadyCache(SharedCache):
    """Limits on signing in go on counting, within each process, when the broker is away; nobody is locked out by it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {**params.get("OPTIONS", {}), "socket_timeout": 2, "socket_connect_timeout": 1}
        super().__init__(server, {**params, "OPTIONS": options})
        self.own = _Own("touchline", params)
        self.again_at = 0.0

    add = _steady("add")
    get = _steady("get")
    set = _steady("set")
    touch = _steady("touch")
    delete = _steady("delete")
    incr = _steady("incr")
    count = _steady("count")
    has_key = _steady("has_key")
    get_many = _steady("get_many")
    set_many = _steady("set_many")
    delete_many = _steady("delete_many")
    clear = _steady("clear")
