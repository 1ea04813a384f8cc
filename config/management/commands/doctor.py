"""Says how the installation is."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.examination import examine
from roles import clock


class Command(BaseCommand):
    """Examine the installation, in words; the exit code is 1 when something must be done."""

    help = "Say what is configured, reachable and overdue, and what to do. Exit code 1 when something must be done."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"Touchline {settings.VERSION}\n")
        to_do = 0
        for finding in examine(clock.now()):
            mark = self.style.SUCCESS("well ") if finding.is_well else self.style.ERROR("to do")
            self.stdout.write(f"{mark}  {finding.about}: {finding.says}.")
            if finding.advice:
                to_do += 1
                self.stdout.write(f"       {finding.advice}")
        if to_do:
            self.stdout.write(f"\n{to_do} to do.")
            sys.exit(1)
        self.stdout.write("\nAll is well.")
