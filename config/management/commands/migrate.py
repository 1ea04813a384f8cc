"""Django's `migrate`, with a short way for a database that is empty."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.commands import migrate
from django.core.management.sql import emit_post_migrate_signal
from django.db import connections, transaction
from django.db.migrations import RunSQL
from django.db.migrations.executor import MigrationExecutor

PARTICULAR = ("app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied", "prune")


class Command(migrate.Command):
    """Apply migrations; an empty database gets all tables at once, as the last migration leaves them.

    Step by step Django draws every model anew after each of some hundred steps, which takes most of a first start. A
    test holds that both ways lead to the same tables, indexes, constraints and triggers.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the short way where it leads to the same."""
        alias = options["database"]
        if any(options.get(name) for name in PARTICULAR) or not _is_empty(alias):
            super().handle(*args, **options)
            return
        plan = make_tables(alias)
        emit_post_migrate_signal(options["verbosity"], options["interactive"], alias, apps=apps, plan=plan)


def _is_empty(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        return not connections[alias].introspection.table_names(cursor)


def make_tables(alias: str) -> list[tuple[Any, bool]]:
    """Make all tables, run what migrations say in SQL, and note all migrations as applied; returns which they are.

    What migrations do in Python concerns rows, of which there are none.
    """
    connection = connections[alias]
    executor: Any = MigrationExecutor(connection)
    plan: list[tuple[Any, bool]] = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    state = executor.loader.project_state()
    with transaction.atomic(using=alias):
        with connection.schema_editor() as editor:
            for model in state.apps.get_models():
                if model._meta.can_migrate(connection):
                    editor.create_model(model)
        with connection.schema_editor() as editor:
            for migration, _backwards in plan:
                for operation in migration.operations:
                    if isinstance(operation, RunSQL):
                        operation.database_forwards(migration.app_label, editor, state, state)
        executor.recorder.ensure_schema()
        for migration, _backwards in plan:
            executor.record_migration(migration)
        executor.check_replacements()
    return plan
