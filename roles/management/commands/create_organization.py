"""Makes an organization with its first owner."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from roles import clock
from roles.accounts import password_link
from roles.actions.organization import found_organization


class Command(BaseCommand):
    """Make an organization and print the link by which its owner comes in."""

    help = "Make an organization with its first owner, and print the link by which the owner sets a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organization", metavar="NAME", help="the organization's name")
        parser.add_argument("--owner", metavar="EMAIL", required=True, help="the address the owner signs in with")
        parser.add_argument("--name", required=True, help="the owner's own name")
        parser.add_argument("--slug", default="", help="how it stands in addresses; made from the name when left out")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            validate_email(options["owner"])
            member = found_organization(
                options["organization"],
                slug=options["slug"],
                email=options["owner"],
                owner_name=options["name"],
                at=clock.now(),
            )
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from problem
        place = f"{settings.SITE_URL}/o/{member.organization.slug}/"
        self.stdout.write(f"{member.organization} is at {place}")
        if member.user.has_usable_password():
            self.stdout.write(f"{member.user.email} has an account already and signs in with it.")
        else:
            self.stdout.write("Give this link to its owner; it sets the password, works once, for three days:")
            self.stdout.write(password_link(member.user))
