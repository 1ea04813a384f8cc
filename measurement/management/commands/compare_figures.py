"""Compare the figures kept ready with the rows that they count."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from measurement.comparing import compare, pending
from measurement.windows import Window
from roles import clock
from roles.housekeeping import each_organization


class Command(BaseCommand):
    """Says every figure that is not what the rows give; ends with an error where there is one."""

    help = "Compare the figures of a span of days with the rows that they count, and say every difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--organization", help="the address (slug) of one organization; without it: all")
        parser.add_argument("--mend", action="store_true", help="keep what was counted")

    def handle(self, *args: Any, first: date, last: date, organization: str | None, mend: bool, **options: Any) -> None:
        if last < first:
            raise CommandError("--to lies before --from.")
        found, differences = False, 0
        for each in each_organization():
            if organization not in {None, each.slug}:
                continue
            found = True
            window = Window(first, last, each.zone)
            mine = 0
            for difference in compare(window, at=clock.now(), mend=mend):
                mine += 1
                self.stdout.write(f"{each}: {difference}")
            waiting = pending(window)
            told = f"{mine or 'no'} difference{'' if mine == 1 else 's'}{', mended' if mine and mend else ''}"
            hours = f"{waiting or 'no'} hour{'' if waiting == 1 else 's'} to be counted yet"
            self.stdout.write(f"{each}: {first} to {last}: {told}; {hours}.")
            differences += mine
        if not found:
            raise CommandError("There is no such organization.")
        if differences and not mend:
            figures = "1 figure is" if differences == 1 else f"{differences} figures are"
            raise CommandError(f"{figures} not what the rows give. With --mend what was counted is kept.")
