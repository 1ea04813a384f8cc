"""What networks said is known again by the sentence it was made of, and said in the reader's language."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.utils import translation
from django.utils.translation import trans_real

from config.catalogs import OF_NETWORKS, bring_up_to_date, catalogues, compile_all, read
from listening import translating
from listening.models import Connection
from listening.networks import words as of_networks
from listening.networks.words import in_readers_words
from listening.translating import BEGINNING, LONGEST, MOST_PARTS, translated
from tests.cast import Cast

Brings = Callable[[dict[str, str]], None]
HOSTILE = "<script>alert('“%(host)s”')</script> %s %(no)s {0} \\1"


def forget() -> None:
    """Have every catalogue read anew."""
    trans_real._translations.clear()
    translating.known_in.cache_clear()
    translating._translated.cache_clear()


def read_anew_in_german() -> None:
    """Go on in German; with other folders of catalogues Django forgets which language was spoken."""
    forget()
    translation.activate("de")


@pytest.fixture
def brings(tmp_path: Path, settings: Any) -> Iterator[Brings]:
    """A package whose network says these things, in German as given."""
    compile_all()

    def bring(said: dict[str, str]) -> None:
        catalog = Catalog(locale="de")
        for words, german in said.items():
            catalog.add(words, german, context=OF_NETWORKS)
        made = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.mo"
        made.parent.mkdir(parents=True)
        with made.open("wb") as target:
            write_mo(target, catalog)
        settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, tmp_path / "locale"]
        read_anew_in_german()

    with translation.override("de"):
        yield bring
    forget()


def test_a_sentence_is_said_in_the_readers_language_and_stays_english_for_others(brings: Brings) -> None:
    brings({"The fog is thick.": "Der Nebel ist dicht."})
    assert translated("The fog is thick.") == in_readers_words("The fog is thick.") == "Der Nebel ist dicht."
    assert translated(ValueError("The fog is thick.")) == "Der Nebel ist dicht."
    for language in ("en", "en-gb", "fr"):
        with translation.override(language):
            assert translated("The fog is thick.") == "The fog is thick."
    with translation.override(None):
        assert translated("The fog is thick.") == "The fog is thick."


def test_what_a_sentence_was_filled_with_goes_where_the_other_language_has_it(brings: Brings) -> None:
    brings({"%(ship)s waits for %(tower)s (100 %%).": "Auf %(tower)s wartet (zu 100 %%) %(ship)s."})
    said = of_networks._("%(ship)s waits for %(tower)s (100 %%).", ship="Ada B.", tower="Ar Men")
    assert said == "Ada B. waits for Ar Men (100 %)."
    assert translated(said) == "Auf Ar Men wartet (zu 100 %) Ada B.."


def test_what_servers_and_people_said_inside_a_sentence_stays_as_it_came(brings: Brings) -> None:
    brings(
        {
            "The tower refuses: “%(words)s”": "Der Turm lehnt ab: „%(words)s“",
            "%(host)s is dark.": "%(host)s ist dunkel.",
        }
    )
    assert translated(f"The tower refuses: “{HOSTILE}”") == f"Der Turm lehnt ab: „{HOSTILE}“"
    assert translated(f"{HOSTILE} is dark.") == f"{HOSTILE} ist dunkel."


def test_a_sentence_within_a_sentence_is_said_too(brings: Brings) -> None:
    brings({
        "Nothing was sent. %(problem)s": "Nichts ging hinaus. %(problem)s",
        "%(name)s was not taken: %(problem)s": "%(name)s wurde nicht genommen: %(problem)s",
        "The fog is thick.": "Der Nebel ist dicht.",
        "no reason": "kein Grund",
        "It is closed (%(why)s).": "Es ist zu (%(why)s).",
    })  # fmt: skip
    said = "Nothing was sent. a picture.png was not taken: The fog is thick."
    assert translated(said) == "Nichts ging hinaus. a picture.png wurde nicht genommen: Der Nebel ist dicht."
    assert translated("It is closed (no reason).") == "Es ist zu (kein Grund)."
    assert translated("It is closed (spite).") == "Es ist zu (spite)."


def test_several_sentences_are_said_one_by_one_and_an_unknown_one_between_them_stays(brings: Brings) -> None:
    brings({
        "The fog is thick. It will stay.": "Der Nebel ist dicht. Er bleibt.",
        "Lamp %(number)s: %(problem)s": "Lampe %(number)s: %(problem)s",
        "The wick “%(name)s” is wet.": "Der Docht „%(name)s“ ist nass.",
        "It burns.": "Sie brennt.",
        "%(host)s is dark.": "%(host)s ist dunkel.",
    })  # fmt: skip
    assert translated("The fog is thick. It will stay. It burns.") == "Der Nebel ist dicht. Er bleibt. Sie brennt."
    assert translated("It burns. Nobody knows this. It burns.") == "Sie brennt. Nobody knows this. Sie brennt."
    assert translated("Lamp 1: It burns. Lamp 2: It burns.") == "Lampe 1: Sie brennt. Lampe 2: Sie brennt."
    said = "The wick “a” is wet.; The wick “b” is wet.; It burns."
    assert translated(said) == "Der Docht „a“ ist nass.; Der Docht „b“ ist nass.; Sie brennt."
    # A sentence that begins with a name does not take the one before it for a part of the name.
    assert translated("It burns. a.example is dark.") == "Sie brennt. a.example ist dunkel."


def test_what_is_not_known_stays_as_it_came(brings: Brings) -> None:
    brings({"The fog is thick.": "Der Nebel ist dicht."})
    for said in ("", "The fog is thick", "THE FOG IS THICK.", "Said elsewhere. Twice.", HOSTILE, "The fog is thick.\n"):
        assert translated(said) == said
    assert translated("The fog is thick. " * 200) == "The fog is thick. " * 200


def test_a_translation_that_fills_other_places_is_left_out(brings: Brings) -> None:
    brings(
        {"%(a)s is dark.": "%(b)s ist dunkel.", "%(a)s is bright.": "%(a)d ist hell.", "%(a)s is lit.": "100 % %(a)s"}
    )
    for said in ("It is dark.", "It is bright.", "It is lit."):
        assert translated(said) == said


def test_programs_read_what_a_connection_offers_in_their_language(acme: Cast, api: Any) -> None:
    compile_all()
    forget()
    offered = [["mentions of @acme", "Mentions of @acme"], ["list 4", "The list “Bikes”"], ["odd", "What nobody knows"]]
    row = Connection.objects.create(network="x", account_id="1", handle="acme", name="X: acme", offered=offered)
    path, program = f"/api/v1/connections/{row.pk}/", api(acme.carla)
    assert program.get(path).json()["offered"] == offered
    with translation.override("en"):  # what a request asks for stays active after it
        said = program.get(path, headers={"Accept-Language": "de"}).json()["offered"]
    assert [place for place, _label in said] == [place for place, _label in offered], "a place is the same for all"
    assert [label for _place, label in said] == ["Erwähnungen von @acme", "Die Liste „Bikes“", "What nobody knows"]


def test_a_package_cannot_say_our_words_otherwise(brings: Brings) -> None:
    known = "The server answered with something that is not JSON."
    before = translated(known)
    brings({known: "Etwas anderes."})
    assert translated(known) == before != "Etwas anderes."


def test_a_text_made_to_take_long_is_looked_at_in_few_steps(brings: Brings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what a stranger's server writes, so many tries are made and no more, whatever it writes."""
    brings({"Lamp %(number)s: %(problem)s": "Lampe %(number)s: %(problem)s", "%(a)s %(b)s %(c)s": "%(c)s %(b)s %(a)s"})
    tried, one = [], translating._one
    monkeypatch.setattr(translating, "_one", lambda *args: tried.append(args) or one(*args))
    for said in ("Lamp 1: ", "A. ", "x ", "”. “"):
        translated((said * LONGEST)[:LONGEST])
        # Runs of the parts of a text, and of the values in each of them.
        assert len(tried) <= 3 * (MOST_PARTS + 1) * (MOST_PARTS + 2) ** 2, said
        tried.clear()


def test_a_package_brings_its_words_in_a_folder_beside_its_code(
    brings: Brings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    package, about = tmp_path / "touchline_foghorn", tmp_path / "touchline_foghorn-1.0.dist-info"
    words = package / "locale" / "de" / "LC_MESSAGES" / "django.po"
    words.parent.mkdir(parents=True)
    words.touch()
    (package / "__init__.py").write_text("raise RuntimeError('settings look where words lie, and run nothing')\n")
    (package / "horn.py").write_text('said = _("The horn is hoarse.")\n')
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: touchline-foghorn\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[touchline.networks]\nfoghorn = touchline_foghorn.horn:network\n")
    bring_up_to_date([package])
    assert 'msgctxt "network"\nmsgid "The horn is hoarse."\nmsgstr ""' in words.read_text()
    words.write_text(words.read_text().replace('hoarse."\nmsgstr ""', 'hoarse."\nmsgstr "Das Horn ist heiser."'))
    words.with_suffix(".mo").unlink()
    bring_up_to_date([package])

    assert of_networks.folders_of_words() == []
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    assert of_networks.folders_of_words() == [package / "locale"]
    settings.LOCALE_PATHS = [*settings.LOCALE_PATHS, *of_networks.folders_of_words()]
    read_anew_in_german()
    assert translated("The horn is hoarse.") == "Das Horn ist heiser."


@pytest.mark.parametrize("path", catalogues(), ids=lambda path: path.parent.parent.name)
def test_each_sentence_of_ours_is_known_again_whatever_it_was_filled_with(path: Path) -> None:
    """Two sentences that could be taken for one another would be said wrongly."""
    compile_all()
    forget()
    wrong = []
    with translation.override(path.parent.parent.name):
        for message in read(path):
            if message.context != OF_NETWORKS or not message.string:
                continue
            values = {name: f"⟦{name} 1⟧" for name in translating._PLACE.findall(message.id)}
            said, expected = (of_networks._(words, **values) for words in (message.id, message.string))
            if translated(said) != expected:
                wrong.append((said, translated(said), expected))
    assert not wrong


def test_what_we_keep_beside_it_is_read_in_every_language_too() -> None:
    compile_all()
    forget()
    with translation.override("fr"):
        assert translated("Nothing goes out now: Fire") == "Rien ne sort pour l’instant\N{NO-BREAK SPACE}: Fire"
        assert translated("Disconnected by Carla.") == "Déconnectée par Carla."
        assert translated("The hub refuses (503).") != "The hub refuses (503)."
    forget()


def test_every_sentence_of_ours_that_is_kept_begins_with_enough_words_to_be_known_again() -> None:
    kept = [
        word.args[0].value
        for folder in ("listening", "engagement", "content")
        for path in Path(folder).rglob("*.py")
        for word in ast.walk(ast.parse(path.read_text()))
        if isinstance(word, ast.Call) and getattr(word.func, "id", "") == "gettext_noop"
        if isinstance(word.args[0], ast.Constant)
    ]
    assert "Disconnected by %(who)s." in kept
    assert [words for words in kept if "%(" in words and words.index("%(") < BEGINNING] == []
    assert [words for words in kept if "%(" not in words and not words.endswith(".")] == []
