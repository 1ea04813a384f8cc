"""Which event a body tells of, where its sender says so beside it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listening", "0060_budgets")]

    operations = [
        migrations.AddField("inboundbody", "event", models.CharField(blank=True, db_default="", max_length=80)),
    ]
