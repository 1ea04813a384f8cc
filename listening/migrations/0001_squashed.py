"""All tables at once, for a new database; one that has the migrations named below has this one too."""

import datetime as dt

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import listening.models.health

WITH_THE_POST = """
ALTER TABLE listening_postwords ADD CONSTRAINT postwords_of_post
    FOREIGN KEY (post_id) REFERENCES listening_post (id) ON DELETE CASCADE;
INSERT INTO listening_posttoindex (post_id)
    SELECT id FROM listening_post WHERE withdrawn_at IS NULL ORDER BY id;
"""
WITHOUT_THE_POST = """ALTER TABLE listening_postwords DROP CONSTRAINT postwords_of_post"""
KEEP = """
CREATE FUNCTION listening_fold(stories bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    line bigint;
BEGIN
    PERFORM 1 FROM listening_story WHERE id = ANY (stories) ORDER BY id FOR NO KEY UPDATE;
    FOREACH one IN ARRAY stories LOOP
        SELECT id INTO line FROM listening_mention
            WHERE story_id = one AND state = 'untriaged' ORDER BY id LIMIT 1;
        CONTINUE WHEN line IS NULL;
        UPDATE listening_mention SET is_folded = false WHERE id = line AND is_folded;
        UPDATE listening_mention SET is_folded = true
            WHERE story_id = one AND state = 'untriaged' AND NOT is_folded AND id <> line;
    END LOOP;
END $$;

CREATE FUNCTION listening_unfold_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_folded := false;
    RETURN NEW;
END $$;
CREATE TRIGGER mention_unfold_decided BEFORE UPDATE ON listening_mention FOR EACH ROW
    WHEN (NEW.is_folded AND (NEW.state <> 'untriaged' OR NEW.story_id IS NULL
        OR NEW.story_id IS DISTINCT FROM OLD.story_id))
    EXECUTE FUNCTION listening_unfold_decided();

CREATE FUNCTION listening_fold_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM listening_fold(ARRAY[NEW.story_id]);
    RETURN NULL;
END $$;
CREATE TRIGGER mention_fold_inserted AFTER INSERT ON listening_mention FOR EACH ROW
    WHEN (NEW.story_id IS NOT NULL AND NEW.state = 'untriaged')
    EXECUTE FUNCTION listening_fold_inserted();

CREATE FUNCTION listening_fold_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stories bigint[];
BEGIN
    SELECT array_agg(DISTINCT story) INTO stories
    FROM earlier JOIN later USING (id)
        CROSS JOIN LATERAL (VALUES (earlier.story_id), (later.story_id)) AS touched (story)
    WHERE story IS NOT NULL AND (earlier.story_id, earlier.state = 'untriaged')
        IS DISTINCT FROM (later.story_id, later.state = 'untriaged');
    IF stories IS NOT NULL THEN
        PERFORM listening_fold(stories);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mention_fold_updated AFTER UPDATE ON listening_mention
    REFERENCING OLD TABLE AS earlier NEW TABLE AS later FOR EACH STATEMENT
    EXECUTE FUNCTION listening_fold_updated();

CREATE FUNCTION listening_fold_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stories bigint[];
BEGIN
    SELECT array_agg(DISTINCT story_id) INTO stories
    FROM earlier WHERE story_id IS NOT NULL AND state = 'untriaged';
    IF stories IS NOT NULL THEN
        PERFORM listening_fold(stories);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mention_fold_deleted AFTER DELETE ON listening_mention
    REFERENCING OLD TABLE AS earlier FOR EACH STATEMENT
    EXECUTE FUNCTION listening_fold_deleted();

UPDATE listening_mention mention SET is_folded = true
FROM (
    SELECT story_id, min(id) AS line FROM listening_mention
    WHERE state = 'untriaged' AND story_id IS NOT NULL GROUP BY story_id HAVING count(*) > 1
) told
WHERE mention.story_id = told.story_id AND mention.state = 'untriaged' AND mention.id > told.line;
"""
LET_GO = """
DROP TRIGGER mention_fold_deleted ON listening_mention;
DROP TRIGGER mention_fold_updated ON listening_mention;
DROP TRIGGER mention_fold_inserted ON listening_mention;
DROP TRIGGER mention_unfold_decided ON listening_mention;
DROP FUNCTION listening_fold_deleted();
DROP FUNCTION listening_fold_updated();
DROP FUNCTION listening_fold_inserted();
DROP FUNCTION listening_unfold_decided();
DROP FUNCTION listening_fold(bigint[]);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("roles", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Host",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True)),
                ("next_visit_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("failures_in_row", models.PositiveIntegerField(default=0)),
                ("closed_until", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("remote_id", models.CharField(max_length=600)),
                ("handle", models.CharField(blank=True, max_length=300, verbose_name="handle")),
                ("name", models.CharField(blank=True, max_length=300, verbose_name="name")),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("first_seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "network", "remote_id"), name="author_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40, verbose_name="network")),
                ("account_id", models.CharField(max_length=300)),
                ("handle", models.CharField(max_length=200, verbose_name="handle")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("url", models.CharField(blank=True, max_length=2000)),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "network", "account_id"), name="channel_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PracticeAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handle", models.CharField(max_length=60, verbose_name="handle")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("bio", models.CharField(blank=True, max_length=300)),
                ("is_ours", models.BooleanField(default=False)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "handle"), name="practice_handle_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PracticeScript",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_playing", models.BooleanField(default=False)),
                ("next_line", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("seconds_between", models.PositiveIntegerField(default=45)),
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
                "constraints": [models.UniqueConstraint(fields=("organization",), name="practice_script_once")],
            },
        ),
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("remote_id", models.CharField(max_length=1000)),
                ("reason", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
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
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "network", "remote_id"), name="tombstone_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TrackingQuery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("expression", models.TextField(max_length=4000, verbose_name="expression")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.department",
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
                "verbose_name_plural": "tracking queries",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="query_name_once",
                        violation_error_message="There is a query with this name already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Story",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("headline", models.CharField(blank=True, max_length=300, verbose_name="headline")),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("size", models.PositiveIntegerField(default=1)),
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
                    "follow_department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.department",
                    ),
                ),
                ("follow_reason", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "follow_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("routed", "Given to a department"),
                            ("dismissed", "Not relevant"),
                            ("kept", "Relevant, nothing to do"),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "followed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
                    ),
                ),
                ("is_by_hand", models.BooleanField(db_default=False, default=False)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merged",
                        to="listening.story",
                    ),
                ),
                (
                    "follow_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("spam", "Spam"),
                            ("off_topic", "Off topic"),
                            ("other_meaning", "Another meaning of the word"),
                            ("duplicate", "Seen already"),
                            ("advert", "Advertisement or job ad"),
                            ("ours", "Said by ourselves"),
                        ],
                        db_default="",
                        default="",
                        max_length=16,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "stories",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "-last_at"], name="story_latest")],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("description", models.TextField(blank=True, max_length=1000, verbose_name="description")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.department",
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
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="topic_name_once",
                        violation_error_message="There is a topic with this name already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LearnedModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("sentiment", "Sentiment"), ("topic", "Topic"), ("relevance", "Relevance")],
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=12)),
                ("version", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("candidate", "Being trained"),
                            ("current", "Judges now"),
                            ("retired", "Judged before"),
                            ("refused", "Was no better"),
                        ],
                        default="candidate",
                        max_length=10,
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("trained_at", models.DateTimeField(null=True)),
                ("since_at", models.DateTimeField(null=True)),
                ("examples", models.PositiveIntegerField(default=0)),
                ("held_back", models.PositiveIntegerField(default=0)),
                ("learned_until", models.DateTimeField(null=True)),
                ("evaluation", models.JSONField(default=dict)),
                ("content", models.BinaryField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease_key", models.CharField(blank=True, max_length=40)),
                ("again_below", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
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
                ("words", models.JSONField(default=dict)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "kind", "language", "version"), name="learned_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "candidate")),
                        fields=("organization",),
                        name="learned_one_training",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "current")),
                        fields=("organization", "kind", "language"),
                        name="learned_one_current",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("unmatched", "Posts that concerned nobody"),
                            ("dismissed", "Words of mentions that were not relevant"),
                            ("mentions", "Words of all other mentions"),
                        ],
                        max_length=10,
                    ),
                ),
                ("days", models.PositiveIntegerField(blank=True, null=True, verbose_name="days")),
                ("walked_to", models.BigIntegerField(default=0)),
                ("next_walk_at", models.DateTimeField(null=True)),
                ("cleaned_at", models.DateTimeField(null=True)),
                ("cleaned_count", models.PositiveBigIntegerField(default=0)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "kind"), name="retention_rule_once"),
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 1), ("days", None), _connector="OR"),
                        name="retention_rule_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Folding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("done_until", models.DateTimeField()),
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
                "constraints": [models.UniqueConstraint(fields=("organization",), name="folding_once")],
            },
        ),
        migrations.CreateModel(
            name="BriefPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(), default=list, size=None
                    ),
                ),
                ("at_time", models.TimeField(verbose_name="time")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("next_at", models.DateTimeField()),
                ("made_to", models.DateTimeField()),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.department",
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "department"), name="brief_plan_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Insight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("text", models.TextField(blank=True, max_length=4000, verbose_name="what it means")),
                ("filed_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.department",
                    ),
                ),
                (
                    "filed_by",
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
                "indexes": [models.Index(fields=["organization", "-id"], name="insight_newest")],
            },
        ),
        migrations.CreateModel(
            name="VenueMap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("content", models.JSONField(default=dict)),
                ("drawn_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                    models.Index(fields=["organization", "-id"], name="venue_map_newest"),
                    models.Index(condition=models.Q(("drawn_at", None)), fields=["id"], name="venue_map_wanted"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostToIndex",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("post_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name_plural": "posts to index",
            },
        ),
        migrations.CreateModel(
            name="Lookout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("done_until", models.DateTimeField()),
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
                "constraints": [models.UniqueConstraint(fields=("organization",), name="lookout_once")],
            },
        ),
        migrations.CreateModel(
            name="BulkDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verb", models.CharField(max_length=20)),
                ("code", models.CharField(blank=True, max_length=16)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("query", models.CharField(blank=True, max_length=2000)),
                ("newest_id", models.BigIntegerField(default=0)),
                ("expected", models.PositiveIntegerField(default=0)),
                ("next_id", models.BigIntegerField(default=0)),
                ("decided", models.PositiveIntegerField(default=0)),
                ("left_alone", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Under way"),
                            ("done", "Done"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.department"
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
                ("followed_before", models.JSONField(blank=True, default=list)),
                (
                    "story_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk decision",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "undoing"])), fields=["id"], name="bulk_under_way"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="filter")),
                ("position", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.department",
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
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_filters",
                        to="roles.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "position", "id"], name="saved_filter_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("owner", None), ("department", None), _connector="OR"),
                        name="saved_filter_for_one_circle",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PracticePost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=1000, verbose_name="text")),
                ("key", models.CharField(max_length=100, null=True)),
                ("published_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(null=True)),
                ("changed_number", models.BigIntegerField()),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="listening.practiceaccount",
                    ),
                ),
                (
                    "in_reply_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="listening.practicepost",
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
                    "thread",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="listening.practicepost",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "-published_at"], name="practice_newest"),
                    models.Index(fields=["thread", "published_at"], name="practice_thread"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "key"), name="practice_key_once"),
                    models.UniqueConstraint(fields=("organization", "changed_number"), name="practice_change_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40, verbose_name="network")),
                (
                    "place",
                    models.CharField(
                        help_text="The address of the feed, the account, the tag.",
                        max_length=2000,
                        verbose_name="place",
                    ),
                ),
                ("key", models.CharField(blank=True, editable=False, max_length=16)),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "is_internal",
                    models.BooleanField(
                        default=False,
                        help_text="What is said here can never be replied to in public.",
                        verbose_name="internal",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("paused", "Paused by a person"),
                            ("closed", "Closed: the place is gone"),
                        ],
                        default="active",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("state_reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("cursor", models.JSONField(blank=True, default=dict)),
                ("interval_seconds", models.PositiveIntegerField(default=900)),
                ("next_poll_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_key", models.CharField(blank=True, max_length=36)),
                ("last_polled_at", models.DateTimeField(blank=True, null=True)),
                ("last_success_at", models.DateTimeField(blank=True, null=True)),
                ("last_item_at", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("rate_limits_in_row", models.PositiveIntegerField(default=0)),
                ("network_failures_in_row", models.PositiveIntegerField(default=0)),
                ("parse_failures_in_row", models.PositiveIntegerField(default=0)),
                ("moved_in_row", models.PositiveSmallIntegerField(default=0)),
                ("moved_to", models.CharField(blank=True, max_length=2000)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                        to="listening.channel",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.department",
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
                (
                    "folder",
                    models.CharField(
                        blank=True,
                        help_text="Where it belongs in lists that are imported or exported.",
                        max_length=120,
                        verbose_name="folder",
                    ),
                ),
                (
                    "quiet_hours",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="After this long without anything new it is called silent. Empty: its own rhythm decides.",
                        null=True,
                        verbose_name="silent after (hours)",
                    ),
                ),
                ("usual_seconds", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(condition=models.Q(("state", "active")), fields=["next_poll_at"], name="source_due"),
                    models.Index(fields=["organization", "name", "id"], name="source_by_name"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "network", "place"),
                        name="source_once",
                        violation_error_message="This place is a source already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Brief",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("content", models.JSONField(default=dict)),
                ("sent_to", models.PositiveIntegerField(default=0)),
                (
                    "department",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.department"
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
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="briefs",
                        to="listening.briefplan",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "-until"], name="brief_newest")],
                "constraints": [models.UniqueConstraint(fields=("plan", "until"), name="brief_once")],
            },
        ),
        migrations.CreateModel(
            name="BriefReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("wants_it", models.BooleanField()),
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readers", to="listening.briefplan"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("plan", "member"), name="brief_reader_once")],
            },
        ),
        migrations.CreateModel(
            name="LookBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("expression", models.TextField()),
                ("since", models.DateTimeField()),
                ("from_post", models.BigIntegerField()),
                ("until_post", models.BigIntegerField()),
                ("reached_post", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Looking"), ("done", "Done"), ("stopped", "Stopped")],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("found", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                    "query",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="look_backs",
                        to="listening.trackingquery",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")), fields=("query",), name="look_back_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                (
                    "is_quiet",
                    models.BooleanField(
                        default=True,
                        help_text="What is unusual then is kept in the history; otherwise it warns and names the event.",
                        verbose_name="tell nobody",
                    ),
                ),
                (
                    "created_by",
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
                    "query",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="listening.trackingquery",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="listening.topic",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "-ends_at"], name="known_event_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="known_event_ends_after_it_begins",
                        violation_error_message="It ends before it begins.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchedSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "measure",
                    models.CharField(choices=[("volume", "Volume"), ("negative", "Negative mentions")], max_length=10),
                ),
                ("is_hourly", models.BooleanField(default=True)),
                ("begins_at", models.DateTimeField()),
                ("judged", models.PositiveIntegerField(default=0)),
                ("detector", models.JSONField(null=True)),
                ("episode", models.JSONField(null=True)),
                ("recent", models.JSONField(default=list)),
                ("once_in", models.DurationField(default=dt.timedelta(days=10))),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watched",
                        to="listening.trackingquery",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watched",
                        to="listening.topic",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "watched series",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "measure", "query", "topic"), name="watched_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                (
                    "bulk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="listening.bulkdecision"
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
                "verbose_name": "bulk step",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Column",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="columns", to="roles.member"
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
                    "saved_filter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="columns", to="listening.savedfilter"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("member", "saved_filter"), name="column_once")],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("remote_id", models.CharField(max_length=1000)),
                ("url", models.CharField(blank=True, max_length=4000)),
                ("url_key", models.CharField(blank=True, max_length=64)),
                ("title", models.TextField(blank=True, verbose_name="title")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("language", models.CharField(blank=True, max_length=20, verbose_name="language")),
                ("conversation", models.CharField(blank=True, max_length=1000)),
                ("in_reply_to", models.CharField(blank=True, max_length=1000)),
                ("media", models.JSONField(blank=True, default=list)),
                ("is_internal", models.BooleanField(default=False)),
                ("is_ours", models.BooleanField(default=False)),
                ("published_at", models.DateTimeField(null=True, verbose_name="published at")),
                ("edited_at", models.DateTimeField(null=True)),
                ("captured_at", models.DateTimeField(verbose_name="captured at")),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("content_digest", models.CharField(max_length=64)),
                ("revision_count", models.PositiveIntegerField(default=1)),
                ("problems", models.JSONField(blank=True, default=list)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to="listening.author",
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
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="posts",
                        to="listening.source",
                    ),
                ),
                ("cleaned_at", models.DateTimeField(null=True)),
                ("piece", models.CharField(blank=True, db_default="", max_length=40)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("url_key", ""), _negated=True),
                        fields=["source", "url_key"],
                        name="post_by_url",
                    ),
                    models.Index(fields=["source", "-id"], name="post_of_source"),
                    models.Index(
                        condition=models.Q(("conversation", ""), _negated=True),
                        fields=["organization", "network", "conversation"],
                        name="post_conversation",
                    ),
                    models.Index(
                        condition=models.Q(("piece", ""), _negated=True),
                        fields=["organization", "piece"],
                        name="post_piece",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "network", "remote_id"), name="post_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("taken", "Taken"),
                            ("unchanged", "Unchanged"),
                            ("rate_limited", "Asked to wait"),
                            ("unreachable", "Unreachable"),
                            ("unreadable", "Unreadable"),
                            ("refused", "Refused"),
                            ("gone", "Gone"),
                            ("died", "The worker stopped on the way"),
                        ],
                        default="running",
                        max_length=12,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("seen", models.PositiveIntegerField(default=0)),
                ("new", models.PositiveIntegerField(default=0)),
                ("revised", models.PositiveIntegerField(default=0)),
                ("gap", models.BooleanField(default=False)),
                ("problem", models.CharField(blank=True, max_length=500)),
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
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="polls",
                        to="listening.source",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["source", "-id"], name="poll_newest")],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hub", models.CharField(max_length=2000)),
                ("topic", models.CharField(max_length=2000)),
                (
                    "key",
                    models.CharField(default=listening.models.health._key, editable=False, max_length=64, unique=True),
                ),
                ("secret", models.CharField(default=listening.models.health._key, editable=False, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("wanted", "To be asked for"),
                            ("asked", "Asked for, not confirmed yet"),
                            ("active", "Active"),
                            ("denied", "Denied by the hub"),
                        ],
                        default="wanted",
                        max_length=8,
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("failures_in_row", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("last_push_at", models.DateTimeField(null=True)),
                ("forged", models.PositiveIntegerField(default=0)),
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
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="subscription", to="listening.source"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["next_attempt_at"], name="subscription_due")],
            },
        ),
        migrations.CreateModel(
            name="SourceDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("well", models.PositiveIntegerField(default=0)),
                ("rate_limited", models.PositiveIntegerField(default=0)),
                ("unreachable", models.PositiveIntegerField(default=0)),
                ("unreadable", models.PositiveIntegerField(default=0)),
                ("new", models.PositiveIntegerField(default=0)),
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
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="days", to="listening.source"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["day"], name="source_day_old")],
                "constraints": [models.UniqueConstraint(fields=("source", "day"), name="source_day_once")],
            },
        ),
        migrations.CreateModel(
            name="EarlyWarning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("volume", "Unusual volume"),
                            ("negative", "Unusually negative"),
                            ("by_hand", "Raised by a person"),
                        ],
                        max_length=10,
                    ),
                ),
                ("severity", models.PositiveSmallIntegerField(choices=[(1, "Notice"), (2, "Serious"), (3, "Grave")])),
                ("began_at", models.DateTimeField()),
                ("detected_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("value", models.FloatField(default=0)),
                ("expected", models.FloatField(default=0)),
                ("once_in", models.DurationField(null=True)),
                ("is_hourly", models.BooleanField(default=False)),
                ("counts", models.JSONField(default=list)),
                (
                    "mention_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                (
                    "also",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=240), default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("acknowledged", "Somebody is on it"), ("closed", "Closed")],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("true", "It was right"), ("false", "False alarm"), ("known", "Known event")],
                        max_length=5,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                (
                    "closed_by",
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
                    "raised_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                (
                    "story",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="warnings",
                        to="listening.story",
                    ),
                ),
                (
                    "known_event",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="warnings",
                        to="listening.knownevent",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="warnings",
                        to="listening.watchedseries",
                    ),
                ),
            ],
            options={
                "verbose_name": "warning",
                "verbose_name_plural": "warnings",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "-id"], name="warning_newest"),
                    models.Index(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=["organization", "-id"],
                        name="warning_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("series",), name="warning_running_once"
                    ),
                    models.UniqueConstraint(fields=("series", "began_at"), name="warning_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("title", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
                ("seen_at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="listening.post"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("post", "number"), name="revision_once")],
            },
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40, verbose_name="network")),
                (
                    "query_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("untriaged", "Waiting in the stream"),
                            ("kept", "Relevant, nothing to do"),
                            ("routed", "Given to a department"),
                            ("dismissed", "Not relevant"),
                        ],
                        default="untriaged",
                        max_length=10,
                    ),
                ),
                ("captured_at", models.DateTimeField()),
                ("triaged_at", models.DateTimeField(null=True)),
                ("triage_reason", models.CharField(blank=True, max_length=200)),
                (
                    "channel",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mentions",
                        to="listening.channel",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mentions",
                        to="roles.department",
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
                (
                    "triaged_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="roles.member",
                    ),
                ),
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mention", to="listening.post"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mentions",
                        to="listening.source",
                    ),
                ),
                ("judged_by", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "language",
                    models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="language"),
                ),
                ("relevance", models.FloatField(null=True, verbose_name="relevance")),
                (
                    "sentiment",
                    models.SmallIntegerField(
                        choices=[(-1, "Negative"), (0, "Neutral"), (1, "Positive")], null=True, verbose_name="sentiment"
                    ),
                ),
                ("sentiment_score", models.FloatField(null=True)),
                (
                    "story",
                    models.ForeignKey(
                        db_index=False,
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mentions",
                        to="listening.story",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False,
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mentions",
                        to="listening.topic",
                    ),
                ),
                ("topic_score", models.FloatField(null=True)),
                (
                    "triage_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("spam", "Spam"),
                            ("off_topic", "Off topic"),
                            ("other_meaning", "Another meaning of the word"),
                            ("duplicate", "Seen already"),
                            ("advert", "Advertisement or job ad"),
                            ("ours", "Said by ourselves"),
                        ],
                        db_default="",
                        default="",
                        max_length=16,
                    ),
                ),
                ("is_old", models.BooleanField(db_default=False, default=False)),
                ("is_folded", models.BooleanField(db_default=False, default=False, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "-id"], name="mention_newest"),
                    models.Index(
                        condition=models.Q(("state", "untriaged")),
                        fields=["organization", "-id"],
                        name="mention_untriaged",
                    ),
                    models.Index(fields=["organization", "network", "-id"], name="mention_network"),
                    models.Index(fields=["organization", "captured_at"], name="mention_captured"),
                    models.Index(fields=["source", "-id"], name="mention_source"),
                    models.Index(
                        condition=models.Q(("channel__isnull", False)), fields=["channel"], name="mention_channel"
                    ),
                    models.Index(
                        condition=models.Q(("topic__isnull", False)), fields=["topic", "-id"], name="mention_topic"
                    ),
                    models.Index(
                        condition=models.Q(("story__isnull", False)), fields=["story", "-id"], name="mention_story"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(
                            django.db.models.functions.comparison.Coalesce("relevance", models.Value(0.5)),
                            descending=True,
                        ),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("state", "untriaged")),
                        name="mention_most_relevant",
                    ),
                    models.Index(
                        condition=models.Q(("judged_by", "")), fields=["organization", "-id"], name="mention_unjudged"
                    ),
                    models.Index(
                        condition=models.Q(("triaged_by__isnull", False)),
                        fields=["organization", "-triaged_at"],
                        name="mention_decided",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["dismissed", "kept"])),
                        fields=["organization", "state", "-id"],
                        name="mention_set_aside",
                    ),
                    models.Index(
                        condition=models.Q(("is_folded", False), ("state", "untriaged")),
                        fields=["organization", "-id"],
                        name="mention_lines",
                    ),
                    models.Index(
                        condition=models.Q(("state", "untriaged"), ("story__isnull", False)),
                        fields=["story", "id"],
                        name="mention_story_waits",
                    ),
                    models.Index(
                        condition=models.Q(("is_folded", False), ("state", "untriaged"), ("story__isnull", False)),
                        fields=["story", "id"],
                        name="mention_story_face",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Push",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("body", models.BinaryField()),
                ("content_type", models.CharField(blank=True, max_length=200)),
                ("received_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
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
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pushes", to="listening.subscription"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "pushes",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(condition=models.Q(("taken_at", None)), fields=["received_at"], name="push_waiting")
                ],
                "constraints": [models.UniqueConstraint(fields=("subscription", "digest"), name="push_once")],
            },
        ),
        migrations.CreateModel(
            name="PostWords",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="listening.post",
                    ),
                ),
                ("words", models.TextField()),
                ("captured_at", models.DateTimeField()),
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
                "verbose_name_plural": "post words",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "captured_at", "post"], name="postwords_captured"),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            models.Func(
                                models.Func(models.F("words"), function="btrim"),
                                models.Value(" "),
                                function="string_to_array",
                            ),
                            function="array_to_tsvector",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                        name="postwords_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MentionMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("spans", models.JSONField(default=list)),
                (
                    "mention",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="listening.mention",
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
                (
                    "query",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="listening.trackingquery",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["query", "-mention"], name="match_of_query")],
                "constraints": [models.UniqueConstraint(fields=("mention", "query"), name="match_once")],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("language", "Language"),
                            ("sentiment", "Sentiment"),
                            ("topic", "Topic"),
                            ("story", "Story"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=40)),
                ("before", models.CharField(blank=True, max_length=40)),
                ("before_by", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
                    ),
                ),
                (
                    "mention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="corrections", to="listening.mention"
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
                ("before_score", models.FloatField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "kind", "-at"], name="correction_newest")],
                "constraints": [models.UniqueConstraint(fields=("mention", "kind"), name="correction_once")],
            },
        ),
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                (
                    "mention",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="fingerprint",
                        serialize=False,
                        to="listening.mention",
                    ),
                ),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("captured_at", models.DateTimeField()),
                ("is_stale", models.BooleanField(db_default=False, default=False)),
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
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["keys"], name="fingerprint_keys"
                    ),
                    models.Index(
                        condition=models.Q(("is_stale", True)),
                        fields=["organization", "mention"],
                        name="fingerprint_stale",
                    ),
                    models.Index(fields=["captured_at"], name="fingerprint_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InsightMention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "insight",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="listening.insight"
                    ),
                ),
                (
                    "mention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="listening.mention"
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
                "verbose_name": "insight's mention",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("insight", "mention"), name="insight_mention_once")],
            },
        ),
        migrations.RunSQL(WITH_THE_POST, WITHOUT_THE_POST),
        migrations.RunSQL(KEEP, LET_GO),
    ]
