"""A mail becomes a post: its words without what it quotes, its thread, its writer; nothing in it is believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listening.networks.mail.alerts import finds_in, unwrapped
from listening.networks.mail.parse import parse

ANSWER = b"""\
From: Ada Byron <Ada@Example.org>
To: Acme Support <support@acme.example>
Cc: boss@example.org
Subject: =?utf-8?q?Re=3A_Caf=C3=A9_machine?=
Message-ID: <third@example.org>
In-Reply-To: <second@acme.example>
References: <first@example.org> <second@acme.example>
Date: Thu, 26 Nov 2026 09:30:00 +0100
Content-Language: en-GB
Content-Type: text/plain; charset=utf-8

It still leaks.

On 25 Nov 2026, Acme wrote:
> Did the new seal help?
"""

ALERT = b"""\
From: Google Alerts <googlealerts-noreply@google.com>
To: support@acme.example
Subject: Google Alert - acme kettle
Message-ID: <alert-1@google.com>
Date: Thu, 26 Nov 2026 06:00:00 +0000
Content-Type: text/html; charset=utf-8

<html><head><title>no</title></head><body>
<a href="https://www.google.com/alerts?s=1">acme kettle</a>
<table><tr><td><a href="https://www.google.com/url?rct=j&amp;url=https://news.example/kettle%3Fa%3D1&amp;ct=ga">
The <b>Acme kettle</b> boils over</a><div>News</div><div>Readers tell of <b>Acme</b> kettles that leak.</div>
<a href="https://www.google.com/alerts/share?url=https://news.example/kettle">Share</a></td></tr>
<tr><td><a href="https://www.google.com/url?q=https://blog.example/tea">Tea at home</a><p>Nothing but tea.</p></td></tr>
</table><a href="https://www.google.com/alerts/remove?x">Unsubscribe</a> from this alert</body></html>
"""


def test_a_mail_is_a_post_in_its_thread() -> None:
    (post,) = parse(ANSWER)
    assert post.id == "third@example.org" and post.text == "It still leaks." and post.title == "Re: Café machine"
    assert (post.author.id, post.author.name) == ("ada@example.org", "Ada Byron")
    assert post.conversation == "first@example.org" and post.in_reply_to == "second@acme.example"
    assert post.addressed_to == ("support@acme.example", "boss@example.org")
    assert post.published_at == datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
    assert post.language == "en" and not post.problems


def test_an_alert_is_unwrapped_into_what_it_tells_of() -> None:
    first, second = parse(ALERT)
    assert (first.url, first.title) == ("https://news.example/kettle?a=1", "The Acme kettle boils over")
    assert "Readers tell of Acme kettles that leak." in first.text and "Unsubscribe" not in second.text
    assert (second.url, second.title, second.text) == ("https://blog.example/tea", "Tea at home", "Nothing but tea.")
    assert first.id != second.id and not first.author.id


def test_an_alert_of_somebody_else_is_a_mail() -> None:
    forged = b"Authentication-Results: mx.acme.example; dkim=fail; spf=pass\n" + ALERT
    assert [post.url for post in parse(forged)] == [""]
    assert len(parse(b"Authentication-Results: mx.acme.example; dkim=pass header.d=google.com\n" + ALERT)) == 2


def test_only_known_services_are_unwrapped() -> None:
    assert (
        unwrapped("https://evil.example/url?url=https://a.example/")
        == "https://evil.example/url?url=https://a.example/"
    )
    assert unwrapped("https://google.com.evil.example/url?url=https://a.example/").startswith("https://google.com.evil")
    assert unwrapped("https://www.google.com/url?url=javascript:alert(1)").startswith("https://www.google.com/url")
    assert finds_in("") == [] and finds_in("<a href=x>") == []


def test_what_a_program_sent_and_what_is_missing_are_told() -> None:
    raw = b"From: MAILER-DAEMON@example.org\r\nSubject: Undelivered\r\n\r\nIt could not be delivered.\r\n"
    (post,) = parse(raw, received_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert post.published_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert len(post.problems) == 3 and any("program" in problem for problem in post.problems)
    assert parse(raw)[0].id == post.id, "a made-up id is the same each time"


def test_what_is_attached_is_named() -> None:
    raw = (
        b"From: a@b.example\nMessage-ID: <1@b.example>\nDate: Thu, 26 Nov 2026 09:30:00 +0100\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nSee the picture.\n--x\n'
        b'Content-Type: image/png\nContent-Disposition: attachment; filename="leak.png"\n\nabc\n--x--\n'
    )
    assert parse(raw)[0].text == "See the picture.\n\nAttached: leak.png"


@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    for post in parse(raw) + parse(b"From: googlealerts-noreply@google.com\nContent-Type: text/html\n\n" + raw):
        assert post.id and "\x00" not in post.text + post.title + post.id
        post.text.encode()


@pytest.mark.parametrize("name", ["iso-8859-1", "nonsense", "utf-16"])
def test_unknown_alphabets_do_no_harm(name: str) -> None:
    (post,) = parse(
        f"From: a@b.example\nContent-Type: text/plain; charset={name}\n\n".encode() + "Grüße".encode("latin-1")
    )
    assert post.text


def test_markup_cannot_make_it_run_for_ever() -> None:
    head = b"From: a@b.example\nMessage-ID: <1@b.example>\nContent-Type: text/html\n\n"
    for words in (b"<div " * 40_000, b"<br " * 40_000, b"<blockquote>" * 20_000, b"<div class=" * 20_000):
        assert parse(head + words + b"Leaks.")


def test_what_html_quotes_is_left_out() -> None:
    raw = (
        b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<p>It <b>leaks</b>.</p><div>Twice<br>a day</div>"
        b"<blockquote>We wrote</blockquote><div class='gmail_quote'>and wrote</div><script>no()</script>"
    )
    assert parse(raw)[0].text == "It leaks.\n\nTwice\na day"
    assert parse(b"Content-Type: text/html\n\n<blockquote>All of it</blockquote>")[0].text == "All of it"


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -0100", "Sat, 99 Nov 2026 09:30:00 +0100", "", "soon"])
def test_a_date_that_is_none_keeps_no_mail_away(date: str) -> None:
    raw = ANSWER.replace(b"Thu, 26 Nov 2026 09:30:00 +0100", date.encode())
    [post] = parse(raw, received_at=datetime(2026, 11, 27, tzinfo=UTC))
    assert post.text == "It still leaks." and post.published_at in {None, datetime(2026, 11, 27, tzinfo=UTC)}
