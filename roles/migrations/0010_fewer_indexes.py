"""Databases made before lose indexes that others cover; new ones are made without them."""

from django.db import migrations

DROPPED = """
    roles_auditentry_organization_id_a6b82acc
""".split()


class Migration(migrations.Migration):
    dependencies = [("roles", "0009_no_words_of_others")]

    operations = [
        *(migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", migrations.RunSQL.noop) for name in DROPPED),
    ]
