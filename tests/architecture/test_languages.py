"""Nothing that people read escapes translation, and every catalogue says what the code says, as it is filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from django.conf import settings
from django.test import Client
from django.utils import translation

from config.catalogs import KEYWORDS, SOURCES, catalogues, compile_all, read, said
from roles.models import AuditEntry
from tests.architecture.sources import OURS, each, sources
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".jinja"})
# What stands between these is code or was translated.
TAKEN_OUT = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%}"
    r"|{%\s*block \w*class\s*%}.*?{%\s*endblock.*?%}"
    r"|{%-?\s*trans\b.*?endtrans\s*-?%}|{%.*?%}|{{.*?}}|<(script|style)\b.*?</\1>|<!--.*?-->|&\w+;|&#\d+;",
    re.DOTALL,
)
# What is translated in one piece, and what nobody reads.
WHOLE = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktrans(?:late)?\b.*?(?={%\s*endblocktrans)"
    r"|{%-?\s*trans\b.*?(?={%-?\s*endtrans)|<script\b.*?</script>",
    re.DOTALL,
)
SPOKEN = re.compile(r'\b(?:aria-label|alt|title|placeholder|aria-description)="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, addresses and units that are the same in every language.
SAME_EVERYWHERE = {
    "Touchline", "API", "CSV", "PDF", "JSON", "UTC", "URL", "RSS", "Atom", "ID", "XML", "SAML", "px", "kB", "MB", "GB",
    "min", "https", "http", "www", "example", "org", "UTM", "CET", "ok", "Esc", "Enter", "Ctrl", "Alt", "Shift", "Tab",
}  # fmt: skip
PLACE = re.compile(r"%\((\w+)\)[sdf]|%[sd%]")


def escaped(text: str) -> list[str]:
    """The words of a template that no catalogue knows."""
    bare = TAKEN_OUT.sub(" ", text)
    spoken = " ".join(SPOKEN.findall(bare))
    between = re.sub(r"<code>.*?</code>|<[^>]*>|\b[\w-]+=\"[^\"]*\"", " ", bare)
    return [word for word in WORD.findall(f"{between} {spoken}") if word not in SAME_EVERYWHERE]


def test_no_words_of_a_template_escape_translation() -> None:
    found = {str(path.relative_to(ROOT)): words for path in TEMPLATES if (words := escaped(path.read_text()))}
    assert not found


GETTEXTS = {"gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def test_under_whatever_name_words_are_looked_up_they_are_gathered() -> None:
    """What is called by a name that `config.catalogs` does not know stays English in every language."""
    names = {
        alias.asname or alias.name
        for path in sources()
        for node in each(path, ast.ImportFrom)
        if node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in GETTEXTS
    }
    assert {"_", "_now", "ngettext"} <= names <= KEYWORDS.keys()
    assert {*SOURCES} == {*OURS}


# Where a sentence of ours meets a person.
SHOWN = {
    "ValidationError", "PermissionDenied", "Conflict", "Decision", "Refused", "Refusal", "NotSent", "NotOpml",
    "Unsealable", "Unreadable", "ConditionError", "TemplateError", "QueryError", "CannotPoll",
}  # fmt: skip
SHOWN_AS = {"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "title", "subject"}


def spoken_untranslated(path: Path) -> Iterator[str]:
    for call in each(path, ast.Call):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        shown = [*(call.args if name in SHOWN else []), *(word.value for word in call.keywords if word.arg in SHOWN_AS)]
        for value in shown:
            if isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str)):
                words = ast.unparse(value)
                if re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}", words):
                    yield f"{value.lineno}: {words}"


def test_no_words_of_the_code_escape_translation() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{words}"
        for path in sources()
        # The contract of the API is English. What networks say is looked at apart: they know nothing of Django.
        if not {"commands", "api", "networks"} & set(path.parts) and not path.name.startswith("demo")
        for words in spoken_untranslated(path)
    }
    assert not found


# A mark behind what was filled in or translated: other languages have another, or a space before it. “1.” is a number.
MARK = re.compile(
    r"[}%]}(?:</\w+>)?[:,](?=[\s<\"])|%}(?:</\w+>)?\.(?=[\s<\"{])"
    r"|(?<!counter )(?<!number )}}(?:</\w+>)?\.(?=[\s<\"])|%},(?={)|\|\s*join(?::|\()\s*[\"'], "
)
# What a program reads.
FOR_PROGRAMS = ', every 3s{% endif %}">'


def marks_of_its_own(text: str) -> list[str]:
    """The lines of a template on which it writes a mark itself; what is translated whole has its own."""
    bare = WHOLE.sub(lambda found: "\n" * found[0].count("\n"), text.replace(FOR_PROGRAMS, ""))
    return [line.strip() for line in bare.split("\n") if MARK.search(f"{line}\n")]


def test_no_template_writes_the_marks_of_one_language() -> None:
    drawn = [*TEMPLATES, *(ROOT / "templates").rglob("*.svg")]
    found = {str(path.relative_to(ROOT)): lines for path in drawn if (lines := marks_of_its_own(path.read_text()))}
    assert not found, "listed, colon, comma and stop of roles/templatetags/touchline.py write them as the language does"


def test_marks_that_a_template_writes_are_found() -> None:
    for line in (
        "{{ a }}: {{ b }}", "{% translate \"A\" %}:", "<b>{{ a }}, {% ago b %}</b>",
        "{{ a|join:\", \" }}", "{{ a|join(', ') }}",
        '<i title="{{ a }}: {{ b }}">', "{% endblocktranslate %},", "{% ago b %}.",
        "<b>{{ a }}</b>: {{ b }}", "<a>{% translate \"A\" %}</a>,", "<b>{{ a }}</b>.", "{% ago b %}.{% endif %}",
    ):  # fmt: skip
        assert marks_of_its_own(line) == [line]
    for line in (
        "{% blocktranslate %}{{ a }}: {{ b }}, {{ c }}{% endblocktranslate %}", "{{ a|colon }} {{ b }}",
        '"{{ a }}:{{ b }}"',
        "{# {{ a }}: #}", "{{ a|join:\" \" }}", "{{ forloop.counter }}. {{ a }}",
    ):  # fmt: skip
        assert marks_of_its_own(line) == []


def test_words_that_escape_are_found() -> None:
    assert escaped('<p title="Close">{% translate "Open" %} it</p>') == ["it", "Close"]
    assert escaped("{% blocktranslate %}All {{ n }} of them{% endblocktranslate %} <b>Touchline</b>") == []
    assert escaped("{# no #}{% trans %}yes{% endtrans %}{{ words }}<script>let there = 1</script>") == []


def places(words: str) -> list[str]:
    """What is filled in, by name and kind, in whatever order."""
    return sorted(found[0] for found in PLACE.finditer(words))


def braces(words: str) -> list[str]:
    try:
        return sorted(name.partition("|")[0] for _text, name, _spec, _conversion in Formatter().parse(words) if name)
    except ValueError:
        return []


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def wrong(message: Message) -> str:
    """What is wrong with a translation; empty where nothing is."""
    sources = message.id if isinstance(message.id, tuple) else (message.id,)
    said_there = forms(message)
    if not all(said_there):
        return "not in every form"
    if message.fuzzy:
        return "not sure"
    allowed = [places(words) for words in sources]
    for words in said_there:
        # One form may leave the number out (“one mention”), but nothing may stand there that nobody fills.
        fits = places(words) in allowed if message.python_format or "%" in sources[0] else True
        if not fits or braces(words) not in [braces(source) for source in sources]:
            return f"other places to fill: {words}"
        if sources[0][:1].isspace() != words[:1].isspace() or sources[0][-1:].isspace() != words[-1:].isspace():
            return f"other spaces at its ends: {words!r}"
    return ""


# Of a hundred sentences, so many may wait for a translator; they are shown in English meanwhile.
MAY_WAIT = 3


def test_every_catalogue_says_nearly_everything_and_fills_the_same_places() -> None:
    """All in one test: to gather what the code says takes seconds."""
    expected = [(message.context, message.id) for message in said() if message.id]
    assert len(catalogues()) == len(settings.LANGUAGES) - 1
    for path in catalogues():
        translated = {(one.context, one.id): one for one in read(path) if one.id and any(forms(one))}
        waiting = [words for words in expected if words not in translated]
        assert len(waiting) * 100 <= len(expected) * MAY_WAIT, (path, len(waiting), waiting[:20], "make words")
        faults = [(words, fault) for words, message in translated.items() if (fault := wrong(message))]
        assert not faults, (path, len(faults), faults[:20])


@pytest.mark.parametrize("code", [code for code, _name in settings.LANGUAGES])
def test_a_page_speaks_the_language_that_was_chosen(code: str, cast: Cast, sign_in: object) -> None:
    compile_all()
    client: Client = sign_in(cast.olga)  # type: ignore[operator]
    response = client.post("/o/acme/account/language/", {"language": code})
    assert response.status_code == 302
    cast.olga.user.refresh_from_db()
    assert cast.olga.user.language == code
    page = client.get("/o/acme/account/", headers={"Accept-Language": "en"}).content.decode()
    direction = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{direction}"' in page
    with translation.override(code):
        assert translation.gettext("Where you are signed in") in page
        assert code == "en" or translation.gettext("Where you are signed in") != "Where you are signed in"
    # Signed out, the browser keeps it.
    client.logout()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = response.cookies[settings.LANGUAGE_COOKIE_NAME].value
    assert f'<html lang="{code}"' in client.get("/accounts/login/").content.decode()


def test_a_language_that_is_not_spoken_here_is_refused(cast: Cast, sign_in: object) -> None:
    client: Client = sign_in(cast.olga)  # type: ignore[operator]
    assert client.post("/o/acme/account/language/", {"language": "tlh"}).status_code == 422
    cast.olga.user.refresh_from_db()
    assert cast.olga.user.language == ""
    assert not AuditEntry.everywhere.filter(verb="choose_language").exists()
