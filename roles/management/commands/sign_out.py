"""Ends the sessions of one person, or of everybody."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError

from roles.models import User


class Command(BaseCommand):
    """End sessions at once; whoever is at work signs in again."""

    help = "End every session of a person, or of everybody: after a stolen device, or a copy of the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("email", nargs="?", help="the address the person signs in with")
        whose.add_argument("--everybody", action="store_true", help="all people of all organizations")

    def handle(self, *_args: Any, email: str | None = None, everybody: bool = False, **_options: Any) -> None:
        if everybody:
            ended = Session.objects.count()
            UserSession.objects.all().delete()
            Session.objects.all().delete()
        else:
            user = User.objects.filter(email__iexact=email).first()
            if user is None:
                raise CommandError(f"Nobody signs in as {email}.")
            rows = list(UserSession.objects.filter(user=user))
            ended = len(rows)
            for row in rows:
                row.end()
        self.stdout.write(f"{ended} sessions were ended.")
