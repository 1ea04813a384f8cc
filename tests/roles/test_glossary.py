"""The glossary says what words mean in the reader's language, and marks what it can say in English only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from config.catalogs import compile_all
from roles import glossary
from tests.cast import Cast

OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_every_term_and_what_it_means_is_in_the_readers_language(code: str) -> None:
    compile_all()
    with translation.override(code):
        terms = glossary.in_words()
    assert {term.name: term.is_translated for term in terms} == dict.fromkeys(glossary.terms(), True)
    assert all(term.said and term.meaning for term in terms)


def test_terms_stand_in_the_order_of_the_language() -> None:
    compile_all()
    with translation.override("en"):
        assert [term.name for term in glossary.in_words()] == sorted(glossary.terms(), key=str.casefold)
    with translation.override("de"):
        said = [term.said.casefold() for term in glossary.in_words()]
    # What stands above a letter changes nothing in its place.
    assert said == sorted(said, key=lambda words: words.translate(str.maketrans("äöü", "aou")).replace("ß", "ss"))


def test_what_waits_for_a_translator_is_marked_as_english(
    cast: Cast, sign_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glossary, "terms", lambda: {"mention": "Not said <b>anywhere</b> else.", "reply": "An answer."})
    client = sign_in(cast.olga)
    with translation.override("en"):
        english = client.get("/o/acme/glossary/").content.decode()
        client.post("/o/acme/account/language/", {"language": "ar"})
        page = client.get("/o/acme/glossary/").content.decode()
    assert "<dd>Not said &lt;b&gt;anywhere&lt;/b&gt; else.</dd>" in english
    assert '<dd lang="en" dir="ltr">Not said &lt;b&gt;anywhere' in page and '<dt id="mention">' in page
