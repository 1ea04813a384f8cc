"""Spans of time and clocks in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import formats, translation

from config.catalogs import compile_all
from config.jinja import environment
from roles import wording
from roles.permissions import Decision

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (59 * 60 + 59, "59 min"),
        (3600, "1 h"),
        (3600 + 20 * 60, "1 h 20 min"),
        (86400, "1 d"),
        (2 * 86400 + 4 * 3600 + 59 * 60, "2 d 4 h"),
        (-5, "0 s"),
    ],
)
def test_a_span_has_its_two_largest_units(seconds: float, said: str) -> None:
    assert wording.span(seconds) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 minutes"),
        (1, "1 minute"),
        (7.5, "7.5 minutes"),
        (7.98, "8 minutes"),
        (59.6, "1 hour"),
        (60, "1 hour"),
        (90, "1 hour 30 minutes"),
        (121, "2 hours 1 minute"),
        (180, "3 hours"),
        (2880, "48 hours"),
    ],
)
def test_minutes_are_said_as_a_sentence_says_them(minutes: float, said: str) -> None:
    assert wording.spoken(minutes) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=12, seconds=40), "12 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=6, hours=23), "6 d ago"),
        (timedelta(days=8), "24 Feb"),
        (timedelta(days=400), "28 Jan 2025"),
        (timedelta(hours=-3), "in 3 h"),
        # What has just been given seven days, three hours or a minute still has them when one reads it.
        (timedelta(days=-7), "in 7 d"),
        (timedelta(days=-6, hours=-23, minutes=-58), "in 7 d"),
        (timedelta(days=-6, hours=-11), "in 6 d"),
        (timedelta(hours=-2, minutes=-59), "in 3 h"),
        (timedelta(hours=-1, minutes=-29), "in 1 h"),
        (timedelta(hours=-23, minutes=-45), "in 1 d"),
        (timedelta(minutes=-59, seconds=-50), "in 1 h"),
        (timedelta(minutes=-1, seconds=-20), "in 1 min"),
        (timedelta(days=-7, seconds=-1), "11 Mar"),
    ],
)
def test_a_moment_is_said_as_people_say_it(before: timedelta, said: str) -> None:
    assert wording.ago(NOW - before, now=NOW) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=-80), "23 May"),
        (timedelta(seconds=-30), "due now"),
        (timedelta(hours=3), "due now"),
        (timedelta(days=30), "due now"),
    ],
)
def test_what_is_due_says_so_once_its_moment_has_come(before: timedelta, said: str) -> None:
    assert wording.ago(NOW - before, now=NOW, is_due=True) == said


@pytest.mark.parametrize(
    ("left_minutes", "allotted_minutes", "state"),
    [
        (240, 240, "calm"),
        (61, 240, "calm"),
        (60, 240, "soon"),
        (15, 30, "soon"),
        (16, 30, "calm"),
        (3, 10, "soon"),
        (6, 10, "calm"),
        (-1, 240, "late"),
    ],
)
def test_a_clock_never_alarms_before_its_time(left_minutes: int, allotted_minutes: int, state: str) -> None:
    assert wording.clock_state(left_minutes * 60, allotted_minutes * 60) == state


def test_a_clock_says_what_is_left_and_what_is_over() -> None:
    said = [wording.left(seconds) for seconds in (12000, 90, 30, -30, -1500)]
    assert said == ["3 h 20 min left", "1 min left", "due now", "due now", "25 min over"]


def test_a_refused_button_cannot_be_sent_and_says_why() -> None:
    template = Template('{% load touchline %}{% button "Send" decision key="r" %}')
    refused = template.render(Context({"decision": Decision("Only coaches <may>.")}))
    assert 'type="button"' in refused
    assert 'aria-disabled="true"' in refused
    assert "data-key" not in refused
    assert "Only coaches &lt;may&gt;." in refused
    reason = refused.split('aria-describedby="')[1].split('"')[0]
    assert f'id="{reason}"' in refused
    allowed = template.render(Context({"decision": Decision()}))
    assert "disabled" not in allowed
    assert 'data-key="r"' in allowed


def test_a_name_cannot_bring_markup_into_an_avatar() -> None:
    drawn = Template("{% load touchline %}{% avatar name %}").render(Context({"name": "<b> &x"}))
    assert "<b>" not in drawn
    assert "&lt;&amp;" in drawn


def test_an_author_without_a_name_has_an_avatar_too() -> None:
    assert ">?</span>" in Template('{% load touchline %}{% avatar "" %}').render(Context())


@pytest.mark.parametrize(
    ("code", "said"),
    [("en", "1,234.5"), ("de", "1.234,5"), ("fr", "1\N{NO-BREAK SPACE}234,5"), ("ja", "1,234.5"), ("ar", "1.234,5")],
)
def test_numbers_are_written_as_in_the_language(code: str, said: str) -> None:
    with translation.override(code):
        assert wording.number(1234.48) == said
        assert wording.number(3.0) == "3"


@pytest.mark.parametrize(
    ("code", "day", "short", "month"),
    [
        ("en", "Wednesday, 28 October 2026", "28 Oct", "October 2026"),
        ("fr", "mercredi 28 octobre 2026", "28 oct", "octobre 2026"),
        ("es", "miércoles, 28 de octubre de 2026", "28 oct", "octubre de 2026"),
        ("ja", "2026年10月28日(水曜日)", "10月28日", "2026年10月"),
    ],
)
def test_days_are_written_as_in_the_language(code: str, day: str, short: str, month: str) -> None:
    at = datetime(2026, 10, 28, tzinfo=UTC)
    with translation.override(code):
        said = [formats.date_format(at, wording.in_order(pattern)) for pattern in ("l, j F Y", "j M", "F Y")]
    assert said == [day, short, month]


# Each language's own marks: they stand in the catalogues.
LISTS = {
    "en": "a, b, c",
    "de": "a, b, c",
    "fr": "a, b, c",
    "es": "a, b, c",
    "pt": "a, b, c",
    "ja": "a、b、c",
    "ar": "a، b، c",
}


@pytest.mark.parametrize(("code", "said"), LISTS.items())
def test_things_are_listed_as_the_language_does_it(code: str, said: str) -> None:
    compile_all()
    with translation.override(code):
        assert wording.listed(iter("abc")) == said and wording.listed(["a"]) == "a" and wording.listed([]) == ""
        drawn = Template(
            "{% load touchline %}{{ things|listed }}|{% for one in things %}{{ one }}"
            "{% if not forloop.last %}{% comma %}{% endif %}{% endfor %}"
        )
        assert drawn.render(Context({"things": ["a", "b", "c"]})) == f"{said}|{said}"
        assert Template("{% load touchline %}{{ things|listed }}").render(Context({"things": ["<i>"]})) == "&lt;i&gt;"
        jinja = environment(autoescape=True).from_string("{{ things|listed }}|{{ '<i>'|colon }}")
        assert jinja.render(things=["a", "b", "c"]) == f"{said}|{wording.colon('&lt;i&gt;')}"


@pytest.mark.parametrize(
    ("code", "said", "quoted"),
    [
        ("en", "Who: me", "“a”"),
        ("de", "Who: me", "„a“"),
        ("fr", "Who\xa0: me", "«\xa0a\xa0»"),
        ("ja", "Who：me", "「a」"),
    ],
)
def test_what_is_said_stands_behind_its_label_as_the_language_does_it(code: str, said: str, quoted: str) -> None:
    compile_all()
    with translation.override(code):
        assert wording.labelled("Who", "me") == said and wording.quoted("a") == quoted
        assert said.startswith(wording.colon("Who"))
