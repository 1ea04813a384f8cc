import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0014_calendar"),
        ("roles", "0028_mail_url"),
    ]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="told_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("answers", None), ("resolved_at", None)),
                fields=["organization", "-id"],
                name="comment_open",
            ),
        ),
    ]
