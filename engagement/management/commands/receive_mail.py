"""Take one mail from a mail server: `manage.py receive_mail --sender a@b.org --recipient c@d.org < message`."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from engagement import inbox
from roles import clock


class Command(BaseCommand):
    """Stores the mail on standard input; a worker reads it. Ends with 75, “try later”, where it could not be stored."""

    # A mail server starts it for each mail: it looks at nothing but that.
    requires_system_checks: list[str] = []

    help = "Store one mail from standard input, as a mail server's pipe hands it over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sender", default=None, help="the envelope's sender; empty for a bounce")
        parser.add_argument("--recipient", default="", help="the envelope's recipient")

    def handle(self, *, sender: str | None, recipient: str, **_options: Any) -> None:
        raw = sys.stdin.buffer.read(inbox.LARGEST + 1)
        if not raw.strip():
            self.stderr.write("There is no mail on standard input.")
            sys.exit(os.EX_DATAERR)
        try:
            is_new = inbox.store(raw, sender=sender, recipient=recipient, at=clock.now())
        except inbox.TooLarge as problem:
            self.stderr.write(str(problem))
            sys.exit(os.EX_DATAERR)
        except DatabaseError as problem:
            self.stderr.write(f"It could not be stored now: {problem}")
            sys.exit(os.EX_TEMPFAIL)
        self.stdout.write("Stored." if is_new else "This mail was here before.")
