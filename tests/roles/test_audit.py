"""The audit log only grows: the database itself keeps what was written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from config.catalogs import compile_all
from roles import clock, sentences
from roles.audit import record
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests.cast import Cast


def test_nobody_changes_or_removes_an_entry(acme: Cast) -> None:
    record("change_name", acme.rosa, by=acme.olga, at=clock.now())
    for attempt in (lambda: AuditEntry.objects.update(verb="nothing"), lambda: AuditEntry.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert AuditEntry.objects.get().verb == "change_name"


OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_everything_that_is_ever_done_can_be_chosen_in_the_readers_language(code: str) -> None:
    compile_all()
    english = {verb: sentences.verb_in_words(verb) for verb in sentences._sentences}
    assert english["invite"] == "Invited …" and english["refuse_reply"].startswith("The reply “…” was")
    with translation.override(code):
        said = {verb: sentences.verb_in_words(verb) for verb in english}
    assert [verb for verb in english if said[verb] == english[verb] or not said[verb]] == []
    assert not [words for words in said.values() if words.startswith("…: ") or "%" in words]


def test_filters_and_facts_of_the_log_are_in_the_readers_language(cast: Cast, sign_in: Callable[..., Client]) -> None:
    compile_all()
    with acting_for(cast.organization):
        at = clock.now()
        record(
            "change_organization",
            cast.organization,
            by=cast.olga,
            at=at,
            before={"time_zone": "UTC"},
            after={"time_zone": "Europe/Berlin", "odd_fact": 1},
        )
        record("hand_over_everything", cast.rosa, by=cast.olga, at=at)
    client = sign_in(cast.olga)
    # Pages speak the language that was chosen, and what comes after this does not.
    with translation.override("en"):
        client.post("/o/acme/account/language/", {"language": "de"})
        page = client.get("/o/acme/audit/").content.decode()
    assert '<option value="hand_over_everything">Hat übergeben, was … hatte</option>' in page
    assert '<option value="organization">Organisation</option>' in page
    assert '<th scope="row">Zeitzone</th>' in page and "odd fact" in page
