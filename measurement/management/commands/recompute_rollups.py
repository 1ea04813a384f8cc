"""Compute roll-ups again from the rows, for the days that one names."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from measurement.actions import recompute_rollups
from measurement.windows import Window
from roles import clock
from roles.housekeeping import each_organization


class Command(BaseCommand):
    """Recomputes hourly and daily roll-ups of every organization, or of one."""

    help = "Compute the roll-ups of a span of days again from the rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--organization", help="the address (slug) of one organization; without it: all")

    def handle(self, *args: Any, first: date, last: date, organization: str | None, **options: Any) -> None:
        if last < first:
            raise CommandError("--to lies before --from.")
        found = False
        for each in each_organization():
            if organization in {None, each.slug}:
                found = True
                recompute_rollups(Window(first, last, each.zone), at=clock.now())
                self.stdout.write(f"{each}: computed {first} to {last} again.")
        if not found:
            raise CommandError("There is no such organization.")
