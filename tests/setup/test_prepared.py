"""When a start may skip `prepare`."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from django.db import connection

from config import prepared
from roles.models import Level, Organization


def url() -> str:
    """The address of this test's database."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"]).geturl()


@pytest.mark.django_db(transaction=True)
def test_a_database_is_prepared_for_the_code_that_prepared_it() -> None:
    with connection.cursor() as cursor:
        prepared.mark(cursor, prepared.code())
        assert not prepared.is_prepared(url())  # for there is no organization
        Organization.objects.create(name="Acme", slug="acme", level=Level.PASSIVE)
        assert prepared.is_prepared(url())

        prepared.mark(cursor, "other code")
        assert not prepared.is_prepared(url())

        prepared.mark(cursor, prepared.code())
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('roles', '9999_undone', now())")
        assert not prepared.is_prepared(url())
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_undone'")
        assert prepared.is_prepared(url())
        cursor.execute("COMMENT ON TABLE django_migrations IS NULL")


def test_what_does_not_answer_or_has_no_tables_is_not_prepared() -> None:
    assert not prepared.is_prepared("postgresql://nobody@127.0.0.1:1/none")
    assert not prepared.is_prepared(os.environ["DATABASE_URL"].rpartition("/")[0] + "/template1")


def test_the_same_code_has_the_same_name() -> None:
    assert prepared.code() == prepared.code()
