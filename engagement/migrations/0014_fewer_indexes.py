"""Databases made before lose indexes that others cover; new ones are made without them."""

from django.db import migrations

DROPPED = """
    engagement_promise_organization_id_f63ee7b1 engagement_promise_assignment_id_abd3176d
    engagement_promise_calendar_id_6f9065b6 engagement_assignment_target_id_3d0a6d6d
""".split()


class Migration(migrations.Migration):
    dependencies = [("engagement", "0013_rules_suggest_and_ask")]

    operations = [
        *(migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", migrations.RunSQL.noop) for name in DROPPED),
    ]
