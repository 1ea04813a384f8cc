"""The secret that a program may still have, which signs beside the new one for a while."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listening", "0063_news_not_by_mail")]

    operations = [
        migrations.AddField(
            "outboundwebhook",
            "sealed_before",
            models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddField("outboundwebhook", "before_until", models.DateTimeField(editable=False, null=True)),
    ]
