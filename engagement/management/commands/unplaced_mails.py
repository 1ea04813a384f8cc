"""List the mails that belong to no organization, or show one as it came."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from engagement.models import IncomingMail


class Command(BaseCommand):
    """What nobody in any organization sees: the number, when it came, from whom, and why it was not placed."""

    help = "List mails that belong to no organization; with a number, write that one to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int, nargs="?", help="which one to write out")

    def handle(self, *, number: int | None, **_options: Any) -> None:
        rows = IncomingMail.objects.filter(processed_at__isnull=False, received=None).exclude(problem="")
        if number is not None:
            sys.stdout.buffer.write(bytes(rows.get(pk=number).raw))
            return
        for row in rows.defer("raw").order_by("-pk")[:200].iterator():
            self.stdout.write(f"{row.pk}  {row.received_at:%Y-%m-%d %H:%M}  {row.sender or '-'}  {row.problem}")
