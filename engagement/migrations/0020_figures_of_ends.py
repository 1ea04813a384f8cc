from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0017_replies_in_trouble"),
        ("listening", "0024_followers_at_capture"),
        ("roles", "0017_cadence"),
    ]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="resolved_in_seconds",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="promise",
            name="kept_in_seconds",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False)),
                fields=["organization", "asked_at"],
                name="approval_asked",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                fields=["organization", "written_at"], include=("state", "is_automatic"), name="reply_written"
            ),
        ),
    ]
