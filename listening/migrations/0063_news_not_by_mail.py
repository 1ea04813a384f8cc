"""From when on an address is told of what no mail is written."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("listening", "0062_unread_bodies")]

    operations = [
        migrations.AddField("noticeaddress", "looks_from", models.DateTimeField(db_default=Now(), editable=False)),
    ]
