"""All tables at once, for a new database; one that has the migrations named below has this one too."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("roles", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyMentions",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("query_id", models.BigIntegerField(default=0)),
                ("captured", models.PositiveIntegerField()),
                ("day", models.DateField()),
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
                "verbose_name_plural": "daily mentions",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "query_id", "day"],
                        include=("network", "captured"),
                        name="daily_mentions_query",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "day", "query_id", "network"),
                        include=("captured",),
                        name="daily_mentions_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyResponses",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("assigned", models.PositiveIntegerField()),
                ("answered", models.PositiveIntegerField()),
                ("in_time", models.PositiveIntegerField()),
                ("resolved", models.PositiveIntegerField()),
                (
                    "first_response",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                ("day", models.DateField()),
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
                "verbose_name_plural": "daily responses",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "day", "network"), name="daily_responses_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HourlyMentions",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("query_id", models.BigIntegerField(default=0)),
                ("captured", models.PositiveIntegerField()),
                ("hour", models.DateTimeField()),
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
                "verbose_name_plural": "hourly mentions",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "hour", "query_id", "network"), name="hourly_mentions_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HourlyResponses",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("assigned", models.PositiveIntegerField()),
                ("answered", models.PositiveIntegerField()),
                ("in_time", models.PositiveIntegerField()),
                ("resolved", models.PositiveIntegerField()),
                (
                    "first_response",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                ("hour", models.DateTimeField()),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.department"
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
                "verbose_name_plural": "hourly responses",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "hour", "department", "network"), name="hourly_responses_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RollUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("time_zone", models.CharField(max_length=60)),
                ("computed_at", models.DateTimeField()),
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
                "verbose_name": "roll-up",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("organization",), name="roll_up_once")],
            },
        ),
        migrations.CreateModel(
            name="StaleHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("marked_at", models.DateTimeField()),
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
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "hour"], name="stale_hour")],
            },
        ),
    ]
