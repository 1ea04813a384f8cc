"""Steps of reviews keep whom their policy named, so that a policy that asks for more by now is seen."""

from __future__ import annotations

from django.db import migrations, models

FILL = """
UPDATE content_reviewstep SET policy_asks = jsonb_build_object(
    'needs', needs,
    'roles', (SELECT COALESCE(jsonb_agg(role ORDER BY role COLLATE "C"), '[]'::jsonb) FROM unnest(roles_meant) AS role),
    'members', (SELECT COALESCE(jsonb_agg(member ORDER BY member), '[]'::jsonb)
        FROM unnest(member_ids_meant) AS member)
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0025_heard_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="reviewstep",
            name="policy_asks",
            field=models.JSONField(default=dict),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
