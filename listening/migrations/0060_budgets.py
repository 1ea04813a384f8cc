"""What may be spent in a month through a connection, at networks that take money by the call."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listening", "0052_own_feeds")]

    operations = [
        migrations.AddField(
            "connection", "budget", models.PositiveIntegerField(blank=True, null=True, verbose_name="budget")
        )
    ]
