"""Makes an empty database one in which Acme hears of itself on the practice field, and Rosa alone answers."""

from __future__ import annotations

from pathlib import Path


def main(url: str, token_file: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    from config.settings import database

    connection.close()
    connection.settings_dict.update(database(url))
    call_command("migrate", verbosity=0, interactive=False)
    Path(token_file).write_text(_furnish())


def _furnish() -> str:
    from engagement.actions.rules import add_rule
    from listening.actions.queries import add_query
    from listening.actions.sources import add_source
    from listening.models import PracticeAccount
    from roles import clock
    from roles.actions.tokens import make_token
    from roles.models import Department, Level, Organization, Role
    from roles.tenancy import acting_for
    from tests import factories
    from tests.cast import join

    at = clock.now()
    acme = Organization.objects.create(name="Acme", slug="acme", level=Level.RESPONSIVE, set_up_ended_at=at)
    with acting_for(acme):
        care = Department.objects.create(name="Customer care", slug="care")
        carla, rosa = join("Carla", Role.COACH), join("Rosa", Role.RESPONDER, care)
        us = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
        PracticeAccount.objects.create(handle="ada", name="Ada")
        channel = factories.channel(account_id=str(us.pk), handle=us.handle)
        add_query(name="Acme", expression="acme", by=carla, at=at)
        add_rule(care, name="All", by=carla, at=at)
        add_source(network="practice", place="everything", channel=channel, by=carla, at=at)
        return make_token(rosa, name="tests", scopes=[], by=rosa, at=at)[1]
