import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Warnings know by key in which queries the same event was seen."""

    dependencies = [("listening", "0024_followers_at_capture")]

    operations = [
        migrations.AddField(
            model_name="earlywarning",
            name="also_queries",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
    ]
