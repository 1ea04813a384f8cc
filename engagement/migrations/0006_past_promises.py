"""What was promised before promises were rows: the first response, around the clock."""

from django.db import migrations

FILL = """
UPDATE engagement_assignment SET first_due_at = due_at, promised_at = created_at,
    promise = CASE WHEN first_answered_at IS NULL AND state <> 'resolved' THEN 'first_response' ELSE '' END;
"""
# What was due before there were warnings and misses is looked at no more.
PROMISE = """
INSERT INTO engagement_promise (organization_id, assignment_id, kind, number, minutes, in_business_hours,
    warn_at_percent, started_at, due_at, warn_at, counted_at, next_look_at)
SELECT organization_id, id, 'first_response', 1, greatest(1, extract(epoch FROM due_at - created_at) / 60)::int, false,
    75, created_at, due_at, created_at + (due_at - created_at) * 0.75, now(),
    CASE WHEN due_at > now() THEN greatest(now(), created_at + (due_at - created_at) * 0.75) END
FROM engagement_assignment WHERE first_answered_at IS NULL AND state <> 'resolved';
"""


class Migration(migrations.Migration):
    dependencies = [("engagement", "0005_response_targets")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(PROMISE, migrations.RunSQL.noop),
    ]
