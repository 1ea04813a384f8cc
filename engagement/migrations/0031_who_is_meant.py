import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Steps of approval remember who is meant while somebody else stands in."""

    dependencies = [("engagement", "0030_reply_results")]

    operations = [
        migrations.AddField(
            model_name="approval",
            name="roles_meant",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="member_ids_meant",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(model_name="approval", name="instead", field=models.JSONField(blank=True, default=dict)),
        # Whom an older step replaced nobody knows any more: it means whom it asks.
        migrations.RunSQL(
            "UPDATE engagement_approval SET roles_meant = roles, member_ids_meant = member_ids"
            " WHERE state IN ('later', 'waiting')",
            migrations.RunSQL.noop,
        ),
    ]
