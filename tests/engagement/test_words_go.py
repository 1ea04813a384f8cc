"""When a mention's time has come its words are gone from everywhere, the audit log included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from engagement.actions.assignments import claim, reopen, resolve, snooze, wake
from engagement.actions.notes import note
from engagement.models import Assignment
from listening.actions.retention import set_retention
from listening.actions.stories import fold_due
from listening.models import Mention, RetentionRule
from listening.retention import clean_up
from listening.searching.housekeeping import index_due
from listening.searching.indexing import index_again
from roles import clock
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]
WORD, AUTHOR = "zwetschgenkuchen", "Quendel"


@pytest.fixture
def worked_on(acme: Cast) -> Assignment:
    """What somebody asked, and everything that people did with it."""
    at = clock.now()
    told = "Is there Zwetschgenkuchen at Acme this week? I have asked twice, and nobody at the counter could tell me."
    posts = [factories.post(told, at=at, url=f"https://{n}.example/{WORD}") for n in range(2)]
    for post in posts:
        type(post.author).objects.filter(pk=post.author_id).update(name=f"Ottilie {AUTHOR}")
    first, _second = (factories.mention(post=post, department=acme.care, state="routed", at=at) for post in posts)
    row = claim(factories.assignment(department=acme.care, mention=first, at=at), by=acme.rosa, at=at)
    note(row, text="I ask the kitchen.", to=[acme.rui], by=acme.rosa, at=at)
    row = wake(snooze(row, until=at + timedelta(hours=1), by=acme.rosa, at=at), by=acme.rosa, at=at)
    row = reopen(resolve(row, outcome="no_answer_needed", by=acme.rosa, at=at), by=acme.rosa, at=at)
    fold_due(at=at)
    index_again([post.pk for post in posts])
    index_due()
    return resolve(row, outcome="no_answer_needed", by=acme.rosa, at=at)


def found_in(word: str) -> set[str]:
    """The tables in which a word stands, in whatever column."""
    tables = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text ILIKE %s', [f"%{word}%"])
            if cursor.fetchone()[0]:
                tables.add(table)
    return tables


def test_no_table_keeps_the_words_or_the_author(acme: Cast, worked_on: Assignment) -> None:
    assert {"listening_post", "listening_postwords"} <= found_in(WORD)
    assert "listening_author" in found_in(AUTHOR)
    set_retention(acme.organization, kind=RetentionRule.Kind.MENTIONS, days=30, by=acme.olga, at=clock.now())
    later = clock.now() + timedelta(days=31)
    assert clean_up(at=later) == 2
    fold_due(at=later)
    index_due()
    assert (found_in(WORD), found_in(AUTHOR)) == (set(), set())
    assert Mention.objects.count() == 2
    assert AuditEntry.objects.about("assignment", worked_on.pk).count() >= 6


def test_who_reads_the_log_sees_what_it_was_about_while_that_is_kept(
    acme: Cast, worked_on: Assignment, sign_in: Any
) -> None:
    client = sign_in(acme.olga)
    assert "Rosa claimed “Is there Zwetschgenkuchen at Acme" in client.get("/o/acme/audit/").content.decode()
    exported = b"".join(client.post("/o/acme/audit/export/").streaming_content).decode()
    assert "Is there Zwetschgenkuchen" in exported
    type(worked_on.mention.post).objects.update(title="", text="", url="", cleaned_at=clock.now())
    assert "Rosa claimed “Words no longer kept”" in client.get("/o/acme/audit/").content.decode()


def test_what_the_log_kept_before_is_forgotten_by_the_upgrade(acme: Cast) -> None:
    for kind in ("assignment", "trackingquery"):
        AuditEntry.objects.create(at=clock.now(), by_name="Rosa", verb="x", subject_kind=kind, subject_label="Words")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what the test wrote in this transaction
        cursor.execute(import_module("roles.migrations.0009_no_words_of_others").FORGET)
    kept = dict(AuditEntry.objects.values_list("subject_kind", "subject_label"))
    assert kept == {"assignment": "", "trackingquery": "Words"}
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.update(by_name="Somebody else")
