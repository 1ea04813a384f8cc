"""Polls what is due, once, as a worker does: a process of its own that tests can kill."""

from __future__ import annotations

import django

django.setup()

from listening.tasks import poll_due  # noqa: E402

if __name__ == "__main__":
    poll_due()
