"""What Jinja draws: everything is escaped, nothing is silent, and each template can be read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.template import engines
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import override
from jinja2 import UndefinedError
from markupsafe import Markup

from listening.models import Author, Mention, MentionMatch
from roles import clock as wall_clock
from roles.templatetags.touchline import ago, clock, draw, highlight, moment
from tests import factories
from tests.cast import Cast

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.jinja"))
HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(1)>{{ 7 * 7 }}"


def test_there_are_templates_to_draw() -> None:
    assert "engagement/_tickets.jinja" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_read(name: str) -> None:
    engine: Any = engines["jinja2"]
    assert engine.env.autoescape is True
    assert engine.env.get_template(name)


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        draw("engagement/_marks.jinja")


def test_words_are_those_of_the_reader_and_what_stands_in_them_is_escaped() -> None:
    engine: Any = engines["jinja2"]
    # Of Django's own catalogue, which is there before ours is compiled.
    template = engine.env.from_string(
        '{{ _("Monday") }}|{{ _("%(n)s more", n=what) }}|{{ ngettext("%(num)d year", "%(num)d years", 2, num=2) }}'
    )
    assert template.render(what=HOSTILE) == f"Monday|{Markup.escape(HOSTILE)} more|2 years"
    with override("de"):
        day, _more, years = template.render(what=1).split("|")
        assert (day, years) == ("Montag", "2 Jahre")


def test_marked_words_are_escaped_piece_by_piece() -> None:
    drawn = highlight([("a < b ", False), (HOSTILE, True), ("&", False)])
    assert isinstance(drawn, SafeString)
    assert drawn == f"a &lt; b <mark>{escape(HOSTILE)}</mark>&amp;"


def test_clocks_and_moments_escape_their_words() -> None:
    at = wall_clock.now()
    due = at + timedelta(hours=1)
    running = clock(due, at, warn_at=at + timedelta(minutes=50), what="<b>")
    assert "&lt;b&gt; <span data-clock-text>" in running
    assert 'data-allotted="3600" data-warns="600"' in running
    stopped = clock(due, at, paused_at=at)
    assert "clock--paused" in stopped
    assert "data-due" not in stopped
    assert "clock--met" in clock(due, at, due)
    assert "clock--late" in clock(due, at, due + timedelta(minutes=1))
    assert "data-ago>just now</time>" in ago(at)
    assert all(isinstance(drawn, SafeString) for drawn in (running, stopped, ago(at), moment(at)))


def test_what_strangers_write_is_harmless_in_the_stream(acme: Cast, sign_in: Any) -> None:
    author = Author.objects.create(network="practice", remote_id="x", handle="x", name=HOSTILE)
    mention = factories.mention(post=factories.post(HOSTILE, author=author, title=HOSTILE))
    query = factories.query(name=HOSTILE)
    MentionMatch.objects.create(mention=mention, query=query, spans=[["text", 0, 8], ["title", 3, 9]])
    Mention.objects.filter(pk=mention.pk).update(topic=factories.topic(HOSTILE[:60]))
    _is_harmless(sign_in(acme.gita).get("/o/acme/stream/"))


def test_what_strangers_write_is_harmless_in_the_queue(acme: Cast, sign_in: Any) -> None:
    author = Author.objects.create(network="practice", remote_id="x", handle="x", name=HOSTILE)
    post = factories.post(HOSTILE, author=author, title=HOSTILE)
    factories.assignment(department=acme.care, member=acme.rosa, mention=factories.mention(post=post))
    acme.rosa.user.name = HOSTILE
    acme.rosa.user.save()
    client = sign_in(acme.rosa)
    _is_harmless(client.get("/o/acme/queue/"))
    _is_harmless(client.get("/o/acme/queue/", headers={"HX-Request": "true"}))


def _is_harmless(answer: HttpResponse) -> None:
    text = answer.content.decode()
    assert answer.status_code == 200
    assert escape("<img src=x onerror=alert(1)>{{ 7 * 7 }}") in text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
