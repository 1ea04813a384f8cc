"""An empty database gets the same by the short way as step by step, and rows arrive there whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ["DATABASE_URL"].rpartition("/")[0]
# Django's own command, whatever takes its name. On the way an assignment is made as they were, without a network.
STEP_BY_STEP = """
import django
django.setup()
from datetime import UTC, datetime, timedelta
from django.core.management import call_command
from django.core.management.commands.migrate import Command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def come_to(*places):
    return MigrationExecutor(connection).migrate(list(places)).apps

def make(label, model, **fields):
    return apps.get_model(label, model).objects.create(**fields)

apps = come_to(("engagement", "0014_fewer_indexes"))
at, own = datetime.now(UTC), {"organization": make("roles", "Organization", name="Acme", slug="acme")}
post = make("listening", "Post", network="practice", remote_id="1", captured_at=at, content_digest="", **own)
mention = make("listening", "Mention", post=post, network="practice", captured_at=at, **own)
care = make("roles", "Department", name="Care", slug="care", **own)
make("engagement", "Assignment", mention=mention, department=care, created_at=at, due_at=at, **own)

# Before absences were rows, warnings knew queries by key, steps remembered whom they mean, and ends were counted.
apps = come_to(
    ("roles", "0018_absences_and_provider"), ("listening", "0024_followers_at_capture"),
    ("measurement", "0003_metrics_in_full"), ("engagement", "0030_reply_results"),
)
own = {"organization_id": own["organization"].pk}
day = timedelta(days=1)
user = make("roles", "User", email="lin@example.org", name="Lin")
lin = make("roles", "Member", user=user, joined_at=at, is_away=True, away_until=at + day, **own)
log = {"subject_kind": "member", "subject_id": lin.pk, "by_name": "Lin", "subject_label": "Lin", "before": None, **own}
for verb, moment, said in (
    ("go_away", at - 9 * day, {"away_until": None}),
    ("come_back", at - 8 * day, None),
    ("go_away", at - day, {"away_until": (at + day).isoformat()}),
):
    make("roles", "AuditEntry", verb=verb, at=moment, after=said, **log)
make("roles", "IdentityProvider", name="Acme", kind="openid_connect", changed_at=at, **own)
query = make("listening", "TrackingQuery", name="Acme", expression="acme", **own)
make("listening", "WatchedSeries", measure="volume", query=query, begins_at=at, **own)
warned = {"kind": "volume", "severity": 2, "began_at": at, "detected_at": at, "last_at": at, **own}
make("listening", "EarlyWarning", subject="All", also=["Acme: Volume", "Bikes: Volume"], **warned)
make("listening", "EarlyWarning", subject="All", also=["Acme: Volume"], state="closed", **warned)
channel = make("listening", "Channel", network="practice", account_id="1", handle="acme", name="Acme", **own)
row = apps.get_model("engagement", "Assignment").objects.get()
row.state, row.resolved_at = "resolved", at - day
row.save()
reply = make(
    "engagement", "Reply", assignment=row, post_id=post.pk, channel=channel, by=lin, text="Yes", key="1",
    state="waiting", written_at=at, next_attempt_at=at, **own,
)
asked = {"roles": ["coach"], "member_ids": [lin.pk]}
make("engagement", "Approval", reply=reply, number=1, needs="all", state="waiting", digest="", **asked, **own)
make("measurement", "RollUp", time_zone="UTC", computed_at=at, **own)
of_day = {"day": at.date(), "network": "practice", **own}
counted = {"assigned": 3, "answered": 2, "in_time": 1, "resolved": 1}
make("measurement", "DailyResponses", first_response=[0, 2, 70000], resolution=[1], **counted, **of_day)
make("measurement", "DailyPromises", kind="next_response", kept=3, kept_in_time=3, wait=[3], **of_day)
call_command(Command(), verbosity=0, interactive=False)
"""
OURS = "~ '^(config|content|engagement|listening|maturity|measurement|roles)_'"
SAID = {
    "columns": """
        SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
            pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
    """,
    "constraints": f"""
        SELECT conrelid::regclass::text, CASE WHEN conrelid::regclass::text {OURS} THEN conname END,
            pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    """,
    "indexes": f"""
        SELECT tablename, CASE WHEN tablename {OURS} THEN indexname END, regexp_replace(indexdef, 'INDEX \\S+ ', '')
        FROM pg_indexes WHERE schemaname = 'public'
    """,
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    """,
    "migrations": "SELECT app, name FROM django_migrations",
    "permissions": """
        SELECT app_label, model, codename FROM auth_permission JOIN django_content_type c ON c.id = content_type_id
    """,
}
ROWS = {
    "networks": "SELECT network FROM engagement_assignment",
    "absences": "SELECT ends_at > now(), is_begun FROM roles_absence ORDER BY begins_at",
    "certificates": "SELECT metadata_certificate FROM roles_identityprovider",
    "warnings": """
        SELECT warning.state, coalesce(array_agg(query.name) FILTER (WHERE query.name IS NOT NULL), '{}')
        FROM listening_earlywarning AS warning LEFT JOIN listening_trackingquery AS query
            ON query.id = ANY(warning.also_queries) GROUP BY warning.id
    """,
    "steps": "SELECT roles_meant = roles, member_ids_meant = member_ids, instead::text FROM engagement_approval",
    "roll_ups": "SELECT 1 FROM measurement_rollup",
    "responses": """
        SELECT encode(first_response, 'hex'), encode(business_response, 'hex'), encode(resolution, 'hex')
        FROM measurement_dailyresponses
    """,
    "promises": "SELECT encode(wait, 'hex'), encode(business_wait, 'hex') FROM measurement_dailypromises",
}


@contextmanager
def made(name: str, *command: str) -> Iterator[dict[str, list[tuple[object, ...]]]]:
    """A new database that the command has filled: what it holds then."""
    ask("postgres", f"CREATE DATABASE {name}")
    try:
        environment = {**os.environ, "DATABASE_URL": f"{SERVER}/{name}", "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)
        yield {what: sorted(ask(name, statement), key=str) for what, statement in (SAID | ROWS).items()}
    finally:
        ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def ask(database: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(f"{SERVER}/{database}")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.mark.long
def test_the_short_way_makes_what_the_steps_make_and_rows_come_along() -> None:
    with (
        made(f"by_steps_{os.getpid()}", "-c", STEP_BY_STEP) as steps,
        made(f"at_once_{os.getpid()}", "manage.py", "migrate", "--verbosity", "0") as short,
    ):
        for what in SAID:
            assert short[what] == steps[what], what
        assert len(short["indexes"]) > 200
        assert steps["networks"] == [("practice",)]
        assert steps["absences"] == [(False, True), (True, True)]
        assert steps["certificates"] == [("",)]
        assert steps["warnings"] == [("closed", []), ("open", ["Acme"])]
        assert steps["steps"] == [(True, True, "{}")]
        assert steps["responses"] == [("000000000000000200011170", "", "00000001")]
        assert steps["promises"] == [("00000003", "")]
        assert steps["roll_ups"] == [], "all is counted anew, by its end too"
