"""Tell open pages to look again; the message says where, never what."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from roles.after_commit import waiting_for_commit
from roles.tenancy import active_organization_id

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _broker() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def broker() -> Any:
    """The broker's client, for what is kept there for seconds only."""
    return _broker()


@dataclass
class News:
    """Topics of one organization whose pages are told after the commit, all of them by one message."""

    channel: str
    topics: dict[str, None] = field(default_factory=dict)

    def __call__(self) -> None:
        """Tell them."""
        try:
            _broker().publish(self.channel, " ".join(self.topics))
        except redis.RedisError as problem:  # pages also look by themselves now and then
            log.warning("Open pages could not be told: %s", problem)


def look_again(*topics: str) -> None:
    """After commit, tell the pages that follow these topics (“queue”, “assignment:7”, “stream”, ...) to look again."""
    channel = f"touchline:{active_organization_id()}"
    waiting = (work for work in waiting_for_commit() if isinstance(work, News) and work.channel == channel)
    if (news := next(waiting, None)) is not None:
        news.topics.update(dict.fromkeys(topics))
    else:  # outside a transaction it is told at once
        transaction.on_commit(News(channel, dict.fromkeys(topics)), robust=True)


def broker_answers() -> bool:
    """Whether the broker can be reached."""
    try:
        return bool(_broker().ping())
    except redis.RedisError:
        return False


def beat_once(queue: str, *, at: datetime) -> None:
    """Leave a sign of life of the queue's workers; it fades after an hour."""
    _broker().set(f"touchline-heartbeat:{queue}", at.isoformat(), ex=3600)


def last_beat(queue: str) -> datetime | None:
    """Return when a worker last took a message from the queue, None if that is over an hour ago."""
    value = _broker().get(f"touchline-heartbeat:{queue}")
    return datetime.fromisoformat(value.decode()) if value else None


def broker_age() -> timedelta:
    """How long the broker has run, for it keeps nothing from before; for ever where it does not tell."""
    try:
        return timedelta(seconds=_broker().info("server")["uptime_in_seconds"])
    except (redis.ResponseError, KeyError):
        return timedelta.max


def waiting_messages(queue: str) -> int:
    """Return how many messages of the queue no worker has taken."""
    return int(_broker().llen(queue))
