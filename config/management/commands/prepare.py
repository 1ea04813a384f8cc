"""Makes the database ready for the pages; the supervisor calls it before it starts them."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import prepared


class Command(BaseCommand):
    """Migrate where something is pending, and make the demo organization where there is none at all."""

    help = "Migrate, and create the demo organization if there is no organization."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do both."""
        from roles.models import Organization

        prepared.wait_for_our_turn()
        code = prepared.code()
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self.stdout.write(f"Applying {len(plan)} migrations.")
            call_command("migrate", interactive=False, verbosity=0)
        if not Organization.objects.exists():
            self.stdout.write("Creating the demo organization.")
            call_command("seed_demo", url=settings.SITE_URL, stdout=StringIO())  # Who it is, the supervisor says.
        with connection.cursor() as cursor:
            prepared.mark(cursor, code)
