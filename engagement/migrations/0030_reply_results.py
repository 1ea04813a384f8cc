import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0020_figures_of_ends"),
        ("roles", "0017_cadence"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplyResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("likes", models.PositiveIntegerField(null=True)),
                ("reposts", models.PositiveIntegerField(null=True)),
                ("answers", models.PositiveIntegerField(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
                ("next_look_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=500)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.organization",
                    ),
                ),
                (
                    "reply",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="result", to="engagement.reply"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="replyresult",
            index=models.Index(
                condition=models.Q(("next_look_at__isnull", False)), fields=["next_look_at"], name="reply_result_due"
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("resolved_at__isnull", False)),
                fields=["organization", "resolved_at"],
                name="assignment_ended",
            ),
        ),
    ]
