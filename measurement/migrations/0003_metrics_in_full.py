"""More columns, more roll-ups, and marks that the database makes itself.

Whatever moves a figure marks its hour, in the transaction that moves it and whoever does so: a person's correction, a
topic that is merged, a query that is removed, a row taken away by hand. What is new needs no trigger: it comes in by
one way, which marks as it writes. All figures are computed anew once, for what they had not counted before.
"""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

MARK = """
CREATE FUNCTION measurement_mark(organization bigint, moment timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
    SELECT id, date_trunc('hour', moment, time_zone), now() FROM roles_organization WHERE id = organization
$$;

CREATE FUNCTION measurement_mark_mention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM measurement_mark(OLD.organization_id, OLD.captured_at);
    IF NEW.captured_at <> OLD.captured_at THEN
        PERFORM measurement_mark(NEW.organization_id, NEW.captured_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_mark AFTER UPDATE ON listening_mention FOR EACH ROW
    WHEN ((OLD.sentiment, OLD.topic_id, OLD.followers, OLD.is_old, OLD.network, OLD.captured_at, OLD.query_ids)
        IS DISTINCT FROM
        (NEW.sentiment, NEW.topic_id, NEW.followers, NEW.is_old, NEW.network, NEW.captured_at, NEW.query_ids))
    EXECUTE FUNCTION measurement_mark_mention();

CREATE FUNCTION measurement_mark_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM measurement_mark(OLD.organization_id, OLD.created_at);
    IF NEW.created_at <> OLD.created_at THEN
        PERFORM measurement_mark(NEW.organization_id, NEW.created_at);
    END IF;
    RETURN NULL;
END $$;
-- A claim moves no figure, and there are very many.
CREATE TRIGGER measurement_mark AFTER UPDATE ON engagement_assignment FOR EACH ROW
    WHEN ((OLD.department_id, OLD.network, OLD.created_at, OLD.first_answered_at, OLD.answered_in_seconds,
            OLD.first_due_at, OLD.resolved_at, OLD.resolved_in_seconds, OLD.reopened_count)
        IS DISTINCT FROM
        (NEW.department_id, NEW.network, NEW.created_at, NEW.first_answered_at, NEW.answered_in_seconds,
            NEW.first_due_at, NEW.resolved_at, NEW.resolved_in_seconds, NEW.reopened_count))
    EXECUTE FUNCTION measurement_mark_assignment();

CREATE FUNCTION measurement_mark_promise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM measurement_mark(organization_id, created_at) FROM engagement_assignment WHERE id = NEW.assignment_id;
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_mark AFTER UPDATE ON engagement_promise FOR EACH ROW
    WHEN (NEW.kind <> 'first_response' AND (OLD.kept_at, OLD.kept_in_seconds, OLD.due_at) IS DISTINCT FROM
        (NEW.kept_at, NEW.kept_in_seconds, NEW.due_at) AND (OLD.kept_at IS NOT NULL OR NEW.kept_at IS NOT NULL))
    EXECUTE FUNCTION measurement_mark_promise();

CREATE FUNCTION measurement_mark_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
        SELECT DISTINCT house.id, date_trunc(''hour'', gone.%I, house.time_zone), now()
        FROM gone JOIN roles_organization AS house ON house.id = gone.organization_id', TG_ARGV[0]);
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_mark_gone AFTER DELETE ON listening_mention
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION measurement_mark_gone('captured_at');
CREATE TRIGGER measurement_mark_gone AFTER DELETE ON engagement_assignment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION measurement_mark_gone('created_at');

CREATE FUNCTION measurement_mark_unmatched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
    SELECT DISTINCT house.id, date_trunc('hour', mention.captured_at, house.time_zone), now()
    FROM gone JOIN listening_mention AS mention ON mention.id = gone.mention_id
        JOIN roles_organization AS house ON house.id = gone.organization_id;
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_mark_gone AFTER DELETE ON listening_mentionmatch
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION measurement_mark_unmatched();

-- An organization that goes takes its marks along, those too that its own going has made.
CREATE FUNCTION measurement_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM measurement_stalehour WHERE organization_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER measurement_forget BEFORE DELETE ON roles_organization FOR EACH ROW EXECUTE FUNCTION measurement_forget();

DELETE FROM measurement_rollup;
"""
LET_GO = """
DROP TRIGGER measurement_forget ON roles_organization;
DROP TRIGGER measurement_mark_gone ON listening_mentionmatch;
DROP TRIGGER measurement_mark_gone ON engagement_assignment;
DROP TRIGGER measurement_mark_gone ON listening_mention;
DROP TRIGGER measurement_mark ON engagement_promise;
DROP TRIGGER measurement_mark ON engagement_assignment;
DROP TRIGGER measurement_mark ON listening_mention;
DROP FUNCTION measurement_forget();
DROP FUNCTION measurement_mark_unmatched();
DROP FUNCTION measurement_mark_gone();
DROP FUNCTION measurement_mark_promise();
DROP FUNCTION measurement_mark_assignment();
DROP FUNCTION measurement_mark_mention();
DROP FUNCTION measurement_mark(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0020_figures_of_ends"),
        ("listening", "0024_followers_at_capture"),
        ("measurement", "0002_business_response"),
        ("roles", "0017_cadence"),
    ]

    operations = [
        migrations.CreateModel(
            name="Annotation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120, verbose_name="what happened")),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                ("first_day", models.DateField(verbose_name="day")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="until")),
                ("noted_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Assumption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("hour", "an hour of work costs"),
                            ("each", "each one brings in or saves"),
                            ("sum", "came in, or was saved, in these days"),
                        ],
                        max_length=4,
                        verbose_name="what",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("metric", models.CharField(blank=True, max_length=60, verbose_name="each of what")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("engagement", "Activity and engagement"),
                            ("revenue", "Revenue and business development"),
                            ("savings", "Cost savings"),
                            ("awareness", "Awareness"),
                            ("learning", "Learning"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="from")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="until")),
                ("source", models.CharField(max_length=300, verbose_name="how we know")),
                ("stated_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="DailyAuthors",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("keys", models.BinaryField()),
                ("day", models.DateField()),
            ],
            options={
                "verbose_name_plural": "daily authors",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="DailyPromises",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=14)),
                ("kept", models.PositiveIntegerField()),
                ("kept_in_time", models.PositiveIntegerField()),
                (
                    "wait",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "business_wait",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                ("day", models.DateField()),
                ("department_id", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "daily promises",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="DailyTopics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("captured", models.PositiveIntegerField()),
                ("negative", models.PositiveIntegerField(default=0)),
                ("neutral", models.PositiveIntegerField(default=0)),
                ("positive", models.PositiveIntegerField(default=0)),
                ("reach", models.PositiveBigIntegerField(default=0)),
                ("reach_known", models.PositiveIntegerField(default=0)),
                ("topic_id", models.BigIntegerField()),
                ("day", models.DateField()),
            ],
            options={
                "verbose_name_plural": "daily topics",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="HourlyAuthors",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("keys", models.BinaryField()),
                ("hour", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "hourly authors",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="HourlyPromises",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=14)),
                ("kept", models.PositiveIntegerField()),
                ("kept_in_time", models.PositiveIntegerField()),
                (
                    "wait",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "business_wait",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), default=list, size=None
                    ),
                ),
                ("hour", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "hourly promises",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="HourlyTopics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("captured", models.PositiveIntegerField()),
                ("negative", models.PositiveIntegerField(default=0)),
                ("neutral", models.PositiveIntegerField(default=0)),
                ("positive", models.PositiveIntegerField(default=0)),
                ("reach", models.PositiveBigIntegerField(default=0)),
                ("reach_known", models.PositiveIntegerField(default=0)),
                ("topic_id", models.BigIntegerField()),
                ("hour", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "hourly topics",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Kpi",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("engagement", "Activity and engagement"),
                            ("revenue", "Revenue and business development"),
                            ("savings", "Cost savings"),
                            ("awareness", "Awareness"),
                            ("learning", "Learning"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("metric", models.CharField(max_length=60, verbose_name="metric")),
                ("target", models.FloatField(verbose_name="target")),
                ("added_at", models.DateTimeField()),
                ("dropped_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "KPI",
                "verbose_name_plural": "KPIs",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Voice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_ours", models.BooleanField(default=False, verbose_name="stands for us")),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="dailyresponses",
            name="daily_responses_once",
        ),
        migrations.AddField(
            model_name="dailymentions",
            name="negative",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailymentions",
            name="neutral",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailymentions",
            name="positive",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailymentions",
            name="reach",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailymentions",
            name="reach_known",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailyresponses",
            name="business_resolution",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="dailyresponses",
            name="department_id",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailyresponses",
            name="reopened",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="dailyresponses",
            name="resolution",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="dailyresponses",
            name="unanswered",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlymentions",
            name="negative",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlymentions",
            name="neutral",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlymentions",
            name="positive",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlymentions",
            name="reach",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlymentions",
            name="reach_known",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlyresponses",
            name="business_resolution",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="hourlyresponses",
            name="reopened",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hourlyresponses",
            name="resolution",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="hourlyresponses",
            name="unanswered",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="dailyresponses",
            constraint=models.UniqueConstraint(
                fields=("organization", "department_id", "day", "network"), name="daily_responses_once"
            ),
        ),
        migrations.AddField(
            model_name="annotation",
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
            model_name="annotation",
            name="noted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="annotation",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="assumption",
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
            model_name="assumption",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="assumption",
            name="stated_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="dailyauthors",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="dailypromises",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="dailytopics",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="hourlyauthors",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="hourlypromises",
            name="department",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.department"
            ),
        ),
        migrations.AddField(
            model_name="hourlypromises",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="hourlytopics",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="kpi",
            name="added_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="kpi",
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
            model_name="kpi",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="kpi",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="roles.member",
                verbose_name="owner",
            ),
        ),
        migrations.AddField(
            model_name="voice",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
        migrations.AddField(
            model_name="voice",
            name="query",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="listening.trackingquery"
            ),
        ),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(fields=["organization", "-first_day", "-id"], name="annotation_newest"),
        ),
        migrations.AddConstraint(
            model_name="annotation",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day", None), ("last_day__gte", models.F("first_day")), _connector="OR"),
                name="annotation_ends_after_it_begins",
                violation_error_message="It ends before it begins.",
            ),
        ),
        migrations.AddIndex(
            model_name="assumption",
            index=models.Index(fields=["organization", "-first_day", "-id"], name="assumption_newest"),
        ),
        migrations.AddConstraint(
            model_name="assumption",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day", None), ("last_day__gte", models.F("first_day")), _connector="OR"),
                name="assumption_ends_after_it_begins",
                violation_error_message="It ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assumption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("about", "sum"), _negated=True), ("last_day__isnull", False), _connector="OR"
                ),
                name="assumption_sum_has_days",
                violation_error_message="Say in which days it came in.",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyauthors",
            constraint=models.UniqueConstraint(fields=("organization", "day", "network"), name="daily_authors_once"),
        ),
        migrations.AddConstraint(
            model_name="dailypromises",
            constraint=models.UniqueConstraint(
                fields=("organization", "department_id", "day", "network", "kind"), name="daily_promises_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dailytopics",
            constraint=models.UniqueConstraint(
                fields=("organization", "day", "topic_id", "network"), name="daily_topics_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="hourlyauthors",
            constraint=models.UniqueConstraint(fields=("organization", "hour", "network"), name="hourly_authors_once"),
        ),
        migrations.AddConstraint(
            model_name="hourlypromises",
            constraint=models.UniqueConstraint(
                fields=("organization", "hour", "department", "network", "kind"), name="hourly_promises_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="hourlytopics",
            constraint=models.UniqueConstraint(
                fields=("organization", "hour", "topic_id", "network"), name="hourly_topics_once"
            ),
        ),
        migrations.AddIndex(
            model_name="kpi",
            index=models.Index(
                condition=models.Q(("dropped_at", None)), fields=["organization", "kind", "id"], name="kpi_kept"
            ),
        ),
        migrations.AddConstraint(
            model_name="voice",
            constraint=models.UniqueConstraint(fields=("query",), name="voice_once"),
        ),
        migrations.RunSQL(MARK, LET_GO),
    ]
