"""Make the demo organization."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.demo import build_demo
from roles import clock
from roles.models import Organization


class Command(BaseCommand):
    """Make the demo organization where there is none, and write its people to var/demo.json."""

    help = "Make the demo organization, and write its people, passwords and API tokens to var/demo.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.SITE_URL, help="the address at which the pages are found")
        parser.add_argument(
            "--months",
            type=int,
            default=0,
            choices=range(13),
            metavar="N",
            help="months of history before today, up to 12",
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is an organization other than the demo's"
        )

    def handle(self, *args: Any, url: str, months: int, if_empty: bool, **options: Any) -> None:
        if if_empty and Organization.objects.exclude(slug="larkspur").exists():
            self.stdout.write("There is an organization already; no demo was made.")
            return
        demo = build_demo(url=url, at=clock.now(), months=months)
        for person in demo["people"]:
            self.stdout.write(f"{person['role']:<10} {person['email']:<36} {person['password']}")
