"""What ended is counted when it ended, too; and many mentions that change at once mark each of their hours once."""

import django.db.models.deletion
from django.db import migrations, models

MARK = """
CREATE OR REPLACE FUNCTION measurement_mark_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM measurement_mark(OLD.organization_id, OLD.created_at);
    IF NEW.created_at <> OLD.created_at THEN
        PERFORM measurement_mark(NEW.organization_id, NEW.created_at);
    END IF;
    -- Where it ended, and where it had ended: its department may be another now, too.
    IF OLD.resolved_at IS NOT NULL THEN
        PERFORM measurement_mark(OLD.organization_id, OLD.resolved_at);
    END IF;
    IF NEW.resolved_at IS NOT NULL AND NEW.resolved_at IS DISTINCT FROM OLD.resolved_at THEN
        PERFORM measurement_mark(NEW.organization_id, NEW.resolved_at);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION measurement_mark_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
        SELECT DISTINCT house.id, date_trunc(''hour'', gone.%I, house.time_zone), now()
        FROM gone JOIN roles_organization AS house ON house.id = gone.organization_id
        WHERE gone.%I IS NOT NULL', TG_ARGV[0], TG_ARGV[0]);
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_mark_gone_end AFTER DELETE ON engagement_assignment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION measurement_mark_gone('resolved_at');

-- What is written down as ended already, such as history that is taken over; the function says “gone” of any rows.
CREATE TRIGGER measurement_mark_ended AFTER INSERT ON engagement_assignment
    REFERENCING NEW TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION measurement_mark_gone('resolved_at');

-- A topic that is merged changes very many: their hours are few.
CREATE FUNCTION measurement_mark_mentions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Planned anew each time: how many rows changed is known only now.
    EXECUTE 'INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
        SELECT DISTINCT house.id, date_trunc(''hour'', moment, house.time_zone), now()
        FROM earlier JOIN later USING (id) JOIN roles_organization AS house ON house.id = earlier.organization_id
            CROSS JOIN LATERAL (VALUES (earlier.captured_at), (later.captured_at)) AS both_of_them (moment)
        WHERE (earlier.sentiment, earlier.topic_id, earlier.followers, earlier.is_old, earlier.network,
                earlier.captured_at, earlier.query_ids)
            IS DISTINCT FROM (later.sentiment, later.topic_id, later.followers, later.is_old, later.network,
                later.captured_at, later.query_ids)';
    RETURN NULL;
END $$;
DROP TRIGGER measurement_mark ON listening_mention;
DROP FUNCTION measurement_mark_mention();
CREATE TRIGGER measurement_mark AFTER UPDATE ON listening_mention
    REFERENCING OLD TABLE AS earlier NEW TABLE AS later
    FOR EACH STATEMENT EXECUTE FUNCTION measurement_mark_mentions();

DELETE FROM measurement_rollup;
"""
LET_GO = """
DROP TRIGGER measurement_mark ON listening_mention;
DROP FUNCTION measurement_mark_mentions();
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
DROP TRIGGER measurement_mark_ended ON engagement_assignment;
DROP TRIGGER measurement_mark_gone_end ON engagement_assignment;
"""


def _columns(place: list[tuple[str, models.Field]]) -> list[tuple[str, models.Field]]:
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("network", models.CharField(max_length=40)),
        ("came", models.PositiveIntegerField()),
        ("came_made", models.BigIntegerField()),
        ("ended", models.PositiveIntegerField()),
        ("ended_made", models.BigIntegerField()),
        *place,
        (
            "organization",
            models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.organization"
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0030_reply_results"),
        ("measurement", "0010_reports"),
        ("roles", "0017_cadence"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyFlow",
            fields=_columns([("day", models.DateField()), ("department_id", models.BigIntegerField(default=0))]),
            options={
                "verbose_name_plural": "daily flow",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "department_id", "day", "network"), name="daily_flow_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HourlyFlow",
            fields=_columns(
                [
                    ("hour", models.DateTimeField()),
                    (
                        "department",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.department"
                        ),
                    ),
                ]
            ),
            options={
                "verbose_name_plural": "hourly flow",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "hour", "department", "network"), name="hourly_flow_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(MARK, LET_GO),
    ]
