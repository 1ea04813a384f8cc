"""Seals all secrets under the newest SECRET_KEY."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from roles.housekeeping import reseal_all


class Command(BaseCommand):
    """Seal what needs a former key anew; the exit code is 1 where something cannot be opened by any key."""

    help = "Seal every secret of a former key under SECRET_KEY, so that SECRET_KEY_FALLBACKS can be emptied."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = reseal_all()
        self.stdout.write(f"{found.all} secrets; {found.former} were sealed anew under SECRET_KEY.")
        if found.lost:
            self.stderr.write(f"{found.lost} cannot be opened by any key: those have to be entered again.")
            sys.exit(1)
