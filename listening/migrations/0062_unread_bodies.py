"""Of which bodies nothing could be read: they are kept, to be read once more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listening", "0054_retention_of_webhooks")]

    operations = [
        migrations.AddField("inboundbody", "is_unread", models.BooleanField(db_default=False, default=False)),
        migrations.AddIndex(
            "inboundbody",
            models.Index(fields=["webhook", "id"], name="inbound_unread", condition=models.Q(is_unread=True)),
        ),
    ]
