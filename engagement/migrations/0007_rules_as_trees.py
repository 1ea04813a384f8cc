"""Routing rules get a tree of conditions and more to do; their set gets a history."""

import django.db.models.deletion
from django.db import migrations, models

import engagement.models.rules


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0006_past_promises"),
        ("listening", "0016_triage_of_many"),
        ("roles", "0004_on_call"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RuleSetVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
                ("verb", models.CharField(max_length=40)),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("rules", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RuleSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RenameField(
            model_name="routingrule",
            old_name="topic",
            new_name="was_topic",
        ),
        migrations.AddField(
            model_name="routingrule",
            name="condition",
            field=models.JSONField(default=engagement.models.rules.everything, verbose_name="condition"),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="goes_on",
            field=models.BooleanField(default=False, verbose_name="later rules are asked too"),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="member",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="roles.member",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="needs_approval",
            field=models.BooleanField(default=False, verbose_name="replies need approval"),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="valid_from",
            field=models.DateTimeField(blank=True, null=True, verbose_name="valid from"),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="valid_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
        ),
        migrations.AlterField(
            model_name="routingrule",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="routing_rules",
                to="roles.department",
                verbose_name="department",
            ),
        ),
        migrations.AlterField(
            model_name="routingrule",
            name="priority",
            field=models.PositiveSmallIntegerField(
                blank=True,
                choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")],
                default=3,
                null=True,
                verbose_name="priority",
            ),
        ),
        migrations.AddField(
            model_name="routingrule",
            name="target",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="engagement.responsetarget",
                verbose_name="response target",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("department__isnull", False), ("goes_on", True), _connector="OR"),
                name="rule_leads_somewhere",
                violation_error_message="Say where it goes, or let later rules be asked too.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from", None),
                    ("valid_until", None),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="rule_ends_after_it_begins",
                violation_error_message="It ends before it begins.",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="author",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="contact", to="listening.author"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="roles.member",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="rulesetversion",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="rulesubject",
            name="channel",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.channel"
            ),
        ),
        migrations.AddField(
            model_name="rulesubject",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="rulesubject",
            name="query",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.trackingquery"
            ),
        ),
        migrations.AddField(
            model_name="rulesubject",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="subjects", to="engagement.routingrule"
            ),
        ),
        migrations.AddField(
            model_name="rulesubject",
            name="source",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.source"
            ),
        ),
        migrations.AddField(
            model_name="rulesubject",
            name="topic",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.topic"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetversion",
            constraint=models.UniqueConstraint(fields=("organization", "number"), name="rule_set_version_once"),
        ),
        migrations.AddConstraint(
            model_name="rulesubject",
            constraint=models.UniqueConstraint(
                fields=("rule", "query", "topic", "source", "channel"), name="rule_subject_once", nulls_distinct=False
            ),
        ),
    ]
