"""Holds lines open to networks."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from listening.open_lines.holding import Lines
from roles import clock

SIGN_OF_LIFE = "lines-held"


class Command(BaseCommand):
    """Hold lines open to networks until a signal comes; several may run, and none need."""

    help = "Hold lines open to networks, so that sources are read as soon as something happens there."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        sign = Path(settings.VAR_DIR) / SIGN_OF_LIFE
        sign.parent.mkdir(parents=True, exist_ok=True)
        lines = Lines(now=clock.now, looked=sign.touch)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: lines.end())
        lines.hold()
