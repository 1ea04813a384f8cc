from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("measurement", "0011_packed_histograms"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("png", models.BinaryField()),
                ("drawn_at", models.DateTimeField()),
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
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="measurement.report"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["drawn_at"], name="report_picture_old")],
            },
        ),
        migrations.AddField("report", "failures", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("report", "problem", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddField("report", "due_since", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("reportreader", "wants_it", models.BooleanField(default=True)),
        migrations.AddField("reportaddress", "read_at", models.DateTimeField(null=True)),
        migrations.RemoveIndex("report", "report_kept"),
        migrations.AddIndex(
            "report",
            models.Index(
                condition=models.Q(dropped_at=None), fields=["organization", "name", "id"], name="report_by_name"
            ),
        ),
        migrations.AddIndex(
            "reportaddress",
            models.Index(
                condition=models.Q(revoked_at=None), fields=["organization", "-id"], name="report_address_open"
            ),
        ),
    ]
