"""A person chooses their language: pages and mails follow, whoever causes them."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils.translation import gettext_lazy, override

from config.catalogs import compile_all
from engagement.actions.notes import note
from roles import clock
from roles.actions.people import choose_language
from roles.models import AuditEntry, Mail, Member
from roles.speaking import by_language, filled, language_of
from tests import factories
from tests.cast import Cast

THEIRS = "de"


def chosen(member: Member, language: str) -> Member:
    choose_language(member, language=language, by=member, at=clock.now())
    return Member.objects.select_related("user").get(pk=member.pk)


def test_a_mail_speaks_the_readers_language_and_not_the_writers(acme: Cast) -> None:
    compile_all()
    reader = chosen(acme.rosa, THEIRS)
    row = factories.assignment(department=acme.care, member=reader, state="claimed")
    with override("en"):
        note(row, text="Look at this.", to=[reader], by=acme.rui, at=clock.now())
    mail = Mail.objects.get(member=reader)
    with override(THEIRS):
        assert mail.subject == str(gettext_lazy("%(by)s wrote a note for you")) % {"by": acme.rui}
        assert str(gettext_lazy("Open it in the queue")) in mail.text
    assert "wrote a note for you" not in mail.subject
    assert "Look at this." in mail.text


def test_who_reads_one_language_is_spoken_to_together(acme: Cast) -> None:
    acme.rosa.user.language, acme.rui.user.language, acme.olga.user.language = "ar", "", "ar"
    found = [[member.pk for member in alike] for alike in by_language([acme.rosa, acme.rui, acme.olga])]
    assert found == [sorted([acme.rosa.pk, acme.olga.pk]), [acme.rui.pk]]
    assert language_of(acme.rui) == settings.LANGUAGE_CODE


def test_words_are_filled_in_when_they_are_read() -> None:
    words = filled(gettext_lazy("%(n)s of them"), {"n": 3})
    assert str(words) == "3 of them"


def test_nobody_chooses_for_another_and_only_what_is_spoken_here(acme: Cast) -> None:
    with pytest.raises(PermissionDenied):
        choose_language(acme.rosa, language="en", by=acme.olga, at=clock.now())
    with pytest.raises(ValidationError, match="one of the languages"):
        choose_language(acme.rosa, language="tlh", by=acme.rosa, at=clock.now())
    assert not AuditEntry.objects.filter(verb="choose_language").exists()
    chosen(acme.rosa, "en")
    assert AuditEntry.objects.get(verb="choose_language").after == {"language": "en"}


def test_ones_account_offers_each_language_by_its_own_name(acme: Cast, client: Client) -> None:
    client.force_login(acme.rosa.user)
    page = client.get("/o/acme/account/").content.decode()
    assert 'action="/o/acme/account/language/"' in page
    assert [name for code, name in settings.LANGUAGES if f'<option value="{code}">{name}</option>' not in page] == []
