"""Makes the first organization of an installation, or another one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from roles import clock
from roles.actions.organization import found_organization


class Command(BaseCommand):
    """Found an organization with its owner, who then invites the others."""

    help = "Make an organization with its owner, who then invites the others."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the names of both."""
        parser.add_argument("name", help="what the organization is called")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="the owner's e-mail address")
        parser.add_argument("--owner-name", required=True, metavar="NAME", help="what the owner is called")
        parser.add_argument(
            "--slug", default="", help="the organization's part of every address, made of the name if left out"
        )

    def handle(self, *args: Any, name: str, owner: str, owner_name: str, slug: str, **options: Any) -> None:
        """Found it, and say how the owner gets in."""
        try:
            member = found_organization(name, slug=slug, email=owner, owner_name=owner_name, at=clock.now())
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from refused
        self.stdout.write(f"{name} is at /o/{member.organization.slug}/.")
        if not member.user.has_usable_password():
            self.stdout.write(f"Give the owner a password: manage.py changepassword {member.user.email}")
