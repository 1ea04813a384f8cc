"""All tables at once, for a new database; one that has the migrations named below has this one too."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import engagement.models.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("listening", "0001_squashed"),
        ("roles", "0001_squashed"),
    ]

    operations = [
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
                            ("everyone", "everybody's"),
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
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.department",
                        verbose_name="department",
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
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="listening.topic",
                        verbose_name="topic",
                    ),
                ),
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
            name="RepetitionPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "to_author_most",
                    models.PositiveSmallIntegerField(default=1, verbose_name="times to the same author"),
                ),
                ("to_author_days", models.PositiveSmallIntegerField(default=30, verbose_name="within this many days")),
                ("across_most", models.PositiveSmallIntegerField(default=10, verbose_name="times to anybody")),
                ("across_hours", models.PositiveSmallIntegerField(default=24, verbose_name="within this many hours")),
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
                "verbose_name_plural": "repetition policies",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("organization",), name="repetition_policy_once")],
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
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.department",
                        verbose_name="department",
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
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="listening.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "saved replies",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "state", "title", "id"], name="saved_reply_by_title")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "retired"), _negated=True),
                        fields=("organization", "title"),
                        name="saved_reply_title_once",
                    )
                ],
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
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"
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
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "-id"], name="sending_stop_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("organization", "network", "department"),
                        name="sending_stop_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ResponseTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "first_response_minutes",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="first response within (minutes)"),
                ),
                (
                    "next_response_minutes",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="next response within (minutes)"),
                ),
                (
                    "resolution_minutes",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="resolution within (minutes)"),
                ),
                ("in_business_hours", models.BooleanField(default=True, verbose_name="count business hours only")),
                (
                    "warn_at_percent",
                    models.PositiveSmallIntegerField(
                        default=75, verbose_name="warn when this much of the time has gone (%)"
                    ),
                ),
                (
                    "pauses_for_consult",
                    models.BooleanField(default=True, verbose_name="stops while a consult is awaited"),
                ),
                (
                    "pauses_for_author",
                    models.BooleanField(default=True, verbose_name="stops while the author is awaited"),
                ),
                ("is_default", models.BooleanField(default=False, verbose_name="applies where no rule names a target")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")],
                        null=True,
                        verbose_name="priority",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.department",
                        verbose_name="department",
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
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name"),
                        name="response_target_name_once",
                        violation_error_message="There is a response target with this name already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("organization", "department", "priority"),
                        name="response_target_one_default",
                        nulls_distinct=False,
                        violation_error_message="Another target applies to these assignments already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("warn_at_percent__gte", 1), ("warn_at_percent__lte", 99)),
                        name="response_target_warns",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_response_minutes__isnull", False),
                            ("next_response_minutes__isnull", False),
                            ("resolution_minutes__isnull", False),
                            _connector="OR",
                        ),
                        name="response_target_promises",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "author",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contact", to="listening.author"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
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
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
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
                "ordering": ["-number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="rule_set_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")],
                        default=3,
                        null=True,
                        verbose_name="priority",
                    ),
                ),
                (
                    "response_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: as the response target says.",
                        null=True,
                        verbose_name="first response within (minutes)",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="routing_rules",
                        to="roles.department",
                        verbose_name="department",
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
                ("condition", models.JSONField(default=engagement.models.rules.everything, verbose_name="condition")),
                ("goes_on", models.BooleanField(default=False, verbose_name="later rules are asked too")),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
                        verbose_name="person",
                    ),
                ),
                ("needs_approval", models.BooleanField(default=False, verbose_name="replies need approval")),
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                (
                    "target",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="engagement.responsetarget",
                        verbose_name="response target",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="listening.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("department__isnull", False), ("goes_on", True), _connector="OR"),
                        name="rule_leads_somewhere",
                        violation_error_message="Say where it goes, or let later rules be asked too.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_until", None),
                            ("valid_until__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="rule_ends_after_it_begins",
                        violation_error_message="It ends before it begins.",
                    ),
                ],
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
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="engagement.approvalpolicy",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("policy", "number"), name="approval_step_once")],
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
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
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
                (
                    "saved_reply",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="engagement.savedreply"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("saved_reply", "number"), name="saved_reply_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("claimed", "Claimed"),
                            ("snoozed", "Snoozed"),
                            ("resolved", "Resolved"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "priority",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "Urgent"), (2, "High"), (3, "Normal"), (4, "Low")],
                        default=3,
                        verbose_name="priority",
                    ),
                ),
                ("reasons", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("assigned_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("first_answered_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "Answered"),
                            ("no_answer_needed", "No answer needed"),
                            ("moved_to_private", "Moved to private"),
                            ("passed_on", "Passed on"),
                            ("spam", "Spam"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("reopened_count", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="roles.department"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assignments",
                        to="roles.member",
                    ),
                ),
                (
                    "mention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="listening.mention"
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
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="engagement.routingrule",
                    ),
                ),
                ("needs_approval", models.BooleanField(db_default=False, default=False)),
                (
                    "wakes_on",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("author_writes", "The author writes again"),
                            ("post_edited", "The post is edited"),
                            ("consult_answered", "The consult is answered"),
                        ],
                        db_default="",
                        default="",
                        max_length=16,
                    ),
                ),
                ("answered_in_seconds", models.PositiveIntegerField(null=True)),
                ("first_due_at", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                (
                    "promise",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("first_response", "First response"),
                            ("next_response", "Next response"),
                            ("resolution", "Resolution"),
                        ],
                        db_default="first_response",
                        default="first_response",
                        max_length=14,
                    ),
                ),
                ("promised_at", models.DateTimeField(null=True)),
                ("warn_at", models.DateTimeField(null=True)),
                (
                    "target",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="engagement.responsetarget",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["open", "claimed"])),
                        fields=["organization", "member", "priority", "due_at", "id"],
                        name="assignment_queue",
                    ),
                    models.Index(
                        condition=models.Q(("member", None), ("state", "open")),
                        fields=["organization", "priority", "due_at", "id"],
                        include=("department",),
                        name="assignment_left_over",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["open", "claimed"])),
                        fields=["organization", "priority", "due_at", "id"],
                        name="assignment_everyones",
                    ),
                    models.Index(
                        condition=models.Q(("state", "snoozed")),
                        fields=["organization", "snoozed_until"],
                        name="assignment_snoozed",
                    ),
                    models.Index(fields=["organization", "-created_at"], name="assignment_created"),
                    models.Index(
                        condition=models.Q(("state", "resolved")),
                        fields=["organization", "member", "-resolved_at", "-id"],
                        name="assignment_resolved",
                    ),
                    models.Index(fields=["member", "-assigned_at"], name="assignment_last_given"),
                    models.Index(
                        condition=models.Q(("state", "snoozed"), models.Q(("wakes_on", ""), _negated=True)),
                        fields=["organization", "wakes_on"],
                        name="assignment_wakes_on",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "resolved"), _negated=True),
                        fields=("mention",),
                        name="assignment_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", False), ("state", "resolved")),
                            models.Q(models.Q(("state", "resolved"), _negated=True), ("resolved_at", None)),
                            _connector="OR",
                        ),
                        name="assignment_resolved_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.channel"
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
                (
                    "query",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="listening.trackingquery",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subjects",
                        to="engagement.routingrule",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.source"
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.topic"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "query", "topic", "source", "channel"),
                        name="rule_subject_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AssignmentNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=4000, verbose_name="note")),
                ("written_at", models.DateTimeField()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="engagement.assignment"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
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
                "ordering": ["written_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="reply")),
                ("key", models.CharField(max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
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
                ("resolves", models.BooleanField(default=True)),
                ("assignment_version", models.PositiveIntegerField(default=0)),
                ("written_at", models.DateTimeField()),
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
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="engagement.assignment"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="listening.channel"
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
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="listening.post"
                    ),
                ),
                ("approved_digest", models.CharField(blank=True, db_default="", max_length=64)),
                ("is_edited", models.BooleanField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                ("released_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("sameness", models.CharField(blank=True, db_default="", max_length=32)),
                ("saved_version", models.PositiveIntegerField(null=True)),
                (
                    "saved_reply",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="engagement.savedreply",
                    ),
                ),
                ("post_revision", models.PositiveIntegerField(db_default=0, default=0)),
                ("thread_until", models.BigIntegerField(db_default=0, default=0)),
                ("is_automatic", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "verbose_name_plural": "replies",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["next_attempt_at"], name="reply_ready"
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")), fields=["lease_until"], name="reply_sending"
                    ),
                    models.Index(
                        condition=models.Q(("state", "unknown")), fields=["next_attempt_at"], name="reply_unknown"
                    ),
                    models.Index(
                        condition=models.Q(("seen_at", None), ("state", "accepted")),
                        fields=["next_attempt_at"],
                        name="reply_unseen",
                    ),
                    models.Index(
                        condition=models.Q(("put_before_person_at__isnull", False)),
                        fields=["organization", "put_before_person_at"],
                        name="reply_before_person",
                    ),
                    models.Index(fields=["assignment", "id"], name="reply_of_assignment"),
                    models.Index(
                        condition=models.Q(("remote_id", ""), _negated=True),
                        fields=["organization", "remote_id"],
                        name="reply_remote_id",
                    ),
                    models.Index(
                        condition=models.Q(("state", "held")), fields=["organization", "id"], name="reply_held"
                    ),
                    models.Index(
                        condition=models.Q(("saved_reply__isnull", False)),
                        fields=["saved_reply", "-id"],
                        name="reply_from_saved",
                    ),
                    models.Index(
                        condition=models.Q(("sameness", ""), _negated=True),
                        fields=["organization", "sameness", "-written_at"],
                        name="reply_same_text",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "held", "ready", "sending", "unknown"])),
                        fields=("assignment",),
                        name="reply_one_under_way",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True)),
                ("saved_at", models.DateTimeField()),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="engagement.assignment"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.member"),
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
                (
                    "saved_reply",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="engagement.savedreply",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                ("shared_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("assignment", "member"), name="draft_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("shared_at__isnull", False)),
                        fields=("assignment",),
                        name="draft_shared_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("set_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reopened", "Opened again"),
                            ("needless", "It was open anyway"),
                            ("dropped", "Dropped"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="engagement.assignment",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
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
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(condition=models.Q(("done_at", None)), fields=["due_at"], name="follow_up_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("assignment",), name="follow_up_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Satisfaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "value",
                    models.CharField(
                        choices=[("satisfied", "Satisfied"), ("dissatisfied", "Not satisfied")],
                        max_length=12,
                        verbose_name="value",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("author", "Thanked us"), ("member", "Noted by a member")],
                        max_length=6,
                        verbose_name="who says so",
                    ),
                ),
                ("noted_at", models.DateTimeField()),
                (
                    "assignment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="satisfaction",
                        to="engagement.assignment",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
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
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="listening.post"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "satisfactions",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first_response", "First response"),
                            ("next_response", "Next response"),
                            ("resolution", "Resolution"),
                        ],
                        max_length=14,
                    ),
                ),
                ("number", models.PositiveIntegerField(default=1)),
                ("minutes", models.PositiveIntegerField()),
                ("in_business_hours", models.BooleanField()),
                ("warn_at_percent", models.PositiveSmallIntegerField()),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("warn_at", models.DateTimeField()),
                ("counted_at", models.DateTimeField()),
                ("kept_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("next_look_at", models.DateTimeField(null=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="promises",
                        to="engagement.assignment",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.calendar",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.organization",
                    ),
                ),
            ],
            options={
                "ordering": ["started_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_look_at__isnull", False)),
                        fields=["next_look_at"],
                        name="promise_look",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None), ("in_business_hours", True), ("kept_at", None)),
                        fields=["calendar", "counted_at"],
                        name="promise_counted",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("assignment", "kind", "number"), name="promise_once")],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("consult", "Waiting for the booth"),
                            ("author", "Waiting for the author"),
                            ("resolved", "Was resolved"),
                        ],
                        max_length=8,
                    ),
                ),
                ("about", models.CharField(blank=True, default="", max_length=120)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pauses", to="engagement.assignment"
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
                "ordering": ["started_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["assignment", "started_at"], name="pause_of_assignment")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("assignment", "why", "about"), name="pause_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="engagement.reply"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["started_at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="engagement.reply"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["reply", "id"], name="approval_of_reply"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["organization", "asked_at", "id"],
                        name="approval_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("reply",), name="approval_one_waiting"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("saved_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="engagement.draft"
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
                "ordering": ["-number"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("draft", "number"), name="draft_version_once")],
            },
        ),
        migrations.CreateModel(
            name="NoteAddressee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.member"),
                ),
                (
                    "note",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addressees",
                        to="engagement.assignmentnote",
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
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "member", "-note"], name="note_addressee_newest"),
                    models.Index(
                        condition=models.Q(("seen_at", None)),
                        fields=["organization", "member"],
                        name="note_addressee_unseen",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("note", "member"), name="note_addressee_once")],
            },
        ),
        migrations.CreateModel(
            name="TargetEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("warning", "Warning"), ("miss", "Missed")], max_length=7)),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="target_events",
                        to="engagement.assignment",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.department"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
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
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="engagement.promise"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "kind", "-id"], name="target_event_newest"),
                    models.Index(
                        condition=models.Q(("kind", "miss"), ("told_at", None)),
                        fields=["organization", "id"],
                        name="target_event_untold",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("assignment", "promise", "kind"), name="target_event_once")
                ],
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
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="engagement.approval"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="roles.member"),
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
                "ordering": ["at", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("approval", "by"), name="approval_decision_once")],
            },
        ),
    ]
