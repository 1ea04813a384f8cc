import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0009_links"),
        ("listening", "0048_turns_of_sources"),
        ("roles", "0028_mail_url"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("next_attempt_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease_key", models.CharField(blank=True, max_length=36)),
                ("looks", models.PositiveIntegerField(default=0)),
                ("remote_id", models.CharField(blank=True, max_length=1000)),
                ("remote_url", models.CharField(blank=True, max_length=4000)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("put_before_person_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("text", models.TextField(verbose_name="first comment")),
                ("written_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Held back"),
                            ("ready", "Waiting to be sent"),
                            ("sending", "Being sent"),
                            ("accepted", "Sent"),
                            ("refused", "Refused by the network"),
                            ("unknown", "Outcome unknown"),
                            ("cancelled", "Given up"),
                        ],
                        default="ready",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "first comment",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="FirstCommentDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("send", "Sent"), ("look", "Looked up"), ("person", "Settled by a person")],
                        max_length=6,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("problem", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "first comment's attempt",
                "ordering": ["started_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PublicationDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("send", "Sent"), ("look", "Looked up"), ("person", "Settled by a person")],
                        max_length=6,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("problem", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "publishing attempt",
                "ordering": ["started_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="publication",
            name="begun_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "held")), fields=["organization", "id"], name="publication_held"
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state", "accepted")),
                fields=["organization", "-accepted_at", "-id"],
                name="publication_newest",
            ),
        ),
        migrations.AddField(
            model_name="firstcomment",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.channel"
            ),
        ),
        migrations.AddField(
            model_name="firstcomment",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="firstcomment",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="firstcomment",
            name="publication",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="comment", to="content.publication"
            ),
        ),
        migrations.AddField(
            model_name="firstcommentdelivery",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="content.firstcomment"
            ),
        ),
        migrations.AddField(
            model_name="firstcommentdelivery",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="publicationdelivery",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="publicationdelivery",
            name="publication",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="content.publication"
            ),
        ),
        migrations.AddIndex(
            model_name="firstcomment",
            index=models.Index(
                condition=models.Q(("state", "ready")), fields=["next_attempt_at"], name="firstcomment_ready"
            ),
        ),
        migrations.AddIndex(
            model_name="firstcomment",
            index=models.Index(
                condition=models.Q(("state", "sending")), fields=["lease_until"], name="firstcomment_sending"
            ),
        ),
        migrations.AddIndex(
            model_name="firstcomment",
            index=models.Index(
                condition=models.Q(("state", "unknown")), fields=["next_attempt_at"], name="firstcomment_unknown"
            ),
        ),
        migrations.AddIndex(
            model_name="firstcomment",
            index=models.Index(
                condition=models.Q(("seen_at", None), ("state", "accepted")),
                fields=["next_attempt_at"],
                name="firstcomment_unseen",
            ),
        ),
        migrations.AddIndex(
            model_name="firstcomment",
            index=models.Index(
                condition=models.Q(("put_before_person_at__isnull", False)),
                fields=["organization", "put_before_person_at"],
                name="firstcomment_before_person",
            ),
        ),
        migrations.AddIndex(
            model_name="firstcomment",
            index=models.Index(
                condition=models.Q(("state", "held")), fields=["organization", "id"], name="firstcomment_held"
            ),
        ),
    ]
