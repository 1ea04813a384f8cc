"""Polls what is due, once, as a worker does: a process of its own that tests can kill."""

from __future__ import annotations


def main() -> None:
    from django.conf import settings

    from listening.tasks import poll_due

    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    poll_due()
