import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0002_judgement_conditions"),
        ("listening", "0016_triage_of_many"),
        ("roles", "0005_training"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("policy_name", models.CharField(blank=True, max_length=120)),
                (
                    "needs",
                    models.CharField(
                        choices=[("any", "any of them"), ("all", "each of them")], default="any", max_length=3
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), blank=True, default=list, size=None
                    ),
                ),
                (
                    "member_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("later", "Not yet asked"),
                            ("waiting", "Waiting"),
                            ("approved", "Approved"),
                            ("sent_back", "Sent back"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="later",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ApprovalDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("approve", "approved"), ("send_back", "sent it back")], max_length=9),
                ),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="reason")),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ApprovalPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "whose",
                    models.CharField(
                        choices=[
                            ("everyone", "everyone's"),
                            ("in_training", "of people in training"),
                            ("asked_for", "for which a routing rule asks it"),
                        ],
                        default="everyone",
                        max_length=12,
                        verbose_name="replies",
                    ),
                ),
                ("network", models.CharField(blank=True, max_length=40, verbose_name="network")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "approval policies",
                "ordering": ["position", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "needs",
                    models.CharField(
                        choices=[("any", "any of them"), ("all", "each of them")],
                        default="any",
                        max_length=3,
                        verbose_name="needs",
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("owner", "Owner"),
                                ("coach", "Coach"),
                                ("gatherer", "Information gatherer"),
                                ("responder", "Frontline responder"),
                                ("booth", "Booth stakeholder"),
                                ("executive", "Executive"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "member_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RepetitionPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "to_author_most",
                    models.PositiveSmallIntegerField(default=1, verbose_name="times to the same author"),
                ),
                ("to_author_days", models.PositiveSmallIntegerField(default=30, verbose_name="within so many days")),
                ("across_most", models.PositiveSmallIntegerField(default=10, verbose_name="times to anybody")),
                ("across_hours", models.PositiveSmallIntegerField(default=24, verbose_name="within so many hours")),
            ],
            options={
                "verbose_name_plural": "repetition policies",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SavedReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("text", models.TextField(max_length=4000, verbose_name="text")),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("in_use", "In use"), ("retired", "Retired")],
                        default="in_use",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=12, verbose_name="language")),
                ("network", models.CharField(blank=True, max_length=40, verbose_name="network")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "asked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("learned_reply_id", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "saved replies",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SavedReplyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SendingStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(blank=True, max_length=40, verbose_name="network")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("started_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="reply",
            name="reply_one_under_way",
        ),
        migrations.AddField(
            model_name="assignment",
            name="needs_approval",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="reply",
            name="approved_digest",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="reply",
            name="is_edited",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="reply",
            name="owner",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="released_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="reply",
            name="reminded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="reply",
            name="sameness",
            field=models.CharField(blank=True, db_default="", max_length=32),
        ),
        migrations.AddField(
            model_name="reply",
            name="saved_version",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="reply",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting for approval"),
                    ("held", "Held by the crisis stop"),
                    ("ready", "Waiting to be sent"),
                    ("sending", "Being sent"),
                    ("accepted", "Sent"),
                    ("refused", "Refused by the network"),
                    ("unknown", "Outcome unknown"),
                    ("cancelled", "Cancelled"),
                    ("sent_back", "Sent back by an approver"),
                ],
                default="ready",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="reply",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="engagement.reply"
            ),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="approval",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="engagement.approval"
            ),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
        ),
        migrations.AddField(
            model_name="approvaldecision",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="approvalpolicy",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="roles.department",
                verbose_name="department",
            ),
        ),
        migrations.AddField(
            model_name="approvalpolicy",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="approvalpolicy",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="listening.topic",
                verbose_name="topic",
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="engagement.approvalpolicy"
            ),
        ),
        migrations.AddField(
            model_name="repetitionpolicy",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="savedreply",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
        ),
        migrations.AddField(
            model_name="savedreply",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="roles.department",
                verbose_name="department",
            ),
        ),
        migrations.AddField(
            model_name="savedreply",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="savedreply",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="listening.topic",
                verbose_name="topic",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="saved_reply",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="engagement.savedreply"
            ),
        ),
        migrations.AddField(
            model_name="reply",
            name="saved_reply",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replies",
                to="engagement.savedreply",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(condition=models.Q(("state", "held")), fields=["organization", "id"], name="reply_held"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("saved_reply__isnull", False)),
                fields=["saved_reply", "-id"],
                name="reply_from_saved",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("sameness", ""), _negated=True),
                fields=["organization", "sameness", "-written_at"],
                name="reply_same_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "held", "ready", "sending", "unknown"])),
                fields=("assignment",),
                name="reply_one_under_way",
            ),
        ),
        migrations.AddField(
            model_name="savedreplyversion",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
        ),
        migrations.AddField(
            model_name="savedreplyversion",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="savedreplyversion",
            name="saved_reply",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="engagement.savedreply"
            ),
        ),
        migrations.AddField(
            model_name="sendingstop",
            name="by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
        ),
        migrations.AddField(
            model_name="sendingstop",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="roles.department",
                verbose_name="department",
            ),
        ),
        migrations.AddField(
            model_name="sendingstop",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="sendingstop",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(fields=["reply", "id"], name="approval_of_reply"),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["organization", "asked_at", "id"],
                name="approval_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("reply",), name="approval_one_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvaldecision",
            constraint=models.UniqueConstraint(fields=("approval", "by"), name="approval_decision_once"),
        ),
        migrations.AddConstraint(
            model_name="approvalstep",
            constraint=models.UniqueConstraint(fields=("policy", "number"), name="approval_step_once"),
        ),
        migrations.AddConstraint(
            model_name="repetitionpolicy",
            constraint=models.UniqueConstraint(fields=("organization",), name="repetition_policy_once"),
        ),
        migrations.AddIndex(
            model_name="savedreply",
            index=models.Index(fields=["organization", "state", "title", "id"], name="saved_reply_by_title"),
        ),
        migrations.AddConstraint(
            model_name="savedreply",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "retired"), _negated=True),
                fields=("organization", "title"),
                name="saved_reply_title_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedreplyversion",
            constraint=models.UniqueConstraint(fields=("saved_reply", "number"), name="saved_reply_version_once"),
        ),
        migrations.AddIndex(
            model_name="sendingstop",
            index=models.Index(fields=["organization", "-id"], name="sending_stop_newest"),
        ),
        migrations.AddConstraint(
            model_name="sendingstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("organization", "network", "department"),
                name="sending_stop_once",
                nulls_distinct=False,
            ),
        ),
    ]
