import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0049_open_lines"),
        ("roles", "0028_mail_url"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnFeedEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("warning", models.CharField(blank=True, max_length=500)),
                ("link", models.CharField(blank=True, max_length=4000)),
                ("language", models.CharField(blank=True, max_length=35)),
                ("tags", models.JSONField(blank=True, default=list)),
                ("published_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feed_entries", to="listening.channel"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "feed entry",
                "verbose_name_plural": "feed entries",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["channel", "-published_at", "-id"], name="own_feed_newest")],
                "constraints": [models.UniqueConstraint(fields=("channel", "key"), name="own_feed_entry_once")],
            },
        ),
    ]
