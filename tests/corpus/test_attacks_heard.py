"""What others say to harm us, in feeds, answers of networks, webhooks and mails: it is kept, and shown as words."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement.letters import key_of, read_letter
from listening import polling
from listening.actions import webhooks
from listening.identity import storable
from listening.ingest import ingest
from listening.models import InboundBody, Mention, Poll, Post, Source
from listening.networks.feed.parse import parse_feed
from listening.networks.mail.parse import parse as parse_mail
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from listening.networks.webhook import signature
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.corpus.attacks import documents, strange, where_attacks, words
from tests.corpus.recorded import where_recorded, within
from tests.corpus.test_broken_answers import READERS, recorded
from tests.listening.servers import FeedServer

pytestmark = where_attacks
# The two ends of the world: what is drawn for both is drawn for all.
ZONES = ("Pacific/Kiritimati", "America/Adak")
ODD_MOMENTS = (
    datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 1), datetime(1, 1, 1, tzinfo=timezone.get_fixed_timezone(14 * 60)),
)  # fmt: skip


def can_be_kept(post: RemotePost) -> None:
    """Whether a post is of the shape that every reader promises, once it went through the one way in."""
    post = storable(post)
    said = f"{post.title}{post.text}{post.author.id}{post.author.handle}{post.author.name}"
    assert not re.search("[\x00\ud800-\udfff]", said)
    assert post.url == "" or post.url.lower().startswith(("http://", "https://"))
    for at in (post.published_at, post.updated_at):
        for zone in ZONES if at else ():
            assert timezone.localtime(at, timezone.get_fixed_timezone(840 if zone == ZONES[0] else -600)), at


def leaves(told: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every text and number in an answer."""
    if isinstance(told, dict | list):
        for key, inner in told.items() if isinstance(told, dict) else enumerate(told):
            yield from leaves(inner, (*here, key))
    else:
        yield here


def with_at(told: Any, place: tuple[Any, ...], value: Any) -> Any:
    told = copy.deepcopy(told)
    inner = told
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return told


def answered(network: str) -> list[RemotePost]:
    """What comes of answers of a network with each field in turn full of something that was made to harm."""
    folder, fields, read = READERS[network]
    whole = [row for told in recorded(folder) for row in within(told) if fields <= row.keys()]
    ordered = sorted(whole, key=lambda row: len(json.dumps(row)))
    some = list(islice((row for row in ordered[len(ordered) // 2 :] if read(row)), 3))
    said, posts = cycle(words()), []
    for row in some:
        for place in leaves(row):
            for _time in range(4):
                found = read(with_at(row, place, next(said)))
                posts += [one for one in (found if isinstance(found, list | tuple) else [found]) if one]
    return posts


@where_recorded
@pytest.mark.parametrize("network", READERS)
def test_whatever_stands_in_an_answer_can_be_kept(network: str) -> None:
    posts = answered(network)
    assert len(posts) > 50
    for post in posts:
        can_be_kept(post)


def stream_of(client: Client) -> list[str]:
    """The stream, and the first page of some mentions, as somebody reads them."""
    keys = list(Mention.objects.order_by("-pk").values_list("pk", flat=True)[:3])
    pages = [client.get("/o/acme/stream/"), *(client.get(f"/o/acme/mentions/{key}/") for key in keys)]
    assert {page.status_code for page in pages} <= {200, 302}, [page.status_code for page in pages]
    return [page.content.decode() for page in pages if page.status_code == 200]


def test_what_was_made_to_harm_is_kept_and_shown_as_words(acme: Cast, sign_in: Any) -> None:
    source, at = factories.source(network="mastodon", place="#acme"), clock.now()
    factories.channel(network="mastodon", account_id="77", handle="acme")
    client, one = sign_in(acme.carla), RemotePost("plain", text="plain https://a.example/", addressed_to=("77",))
    ingest(source, Page(posts=(one,), status=200), at=at)
    plain = stream_of(client)
    said = [words()[at : at + 30] for at in range(0, len(words()), 30)]
    posts = [
        RemotePost(
            f"m{number}", title=some[0], text="\n".join(some), url=some[-1], author=RemoteAuthor(*some[1:4]),
            published_at=ODD_MOMENTS[number % 5] if number % 5 < 4 else at, updated_at=ODD_MOMENTS[number % 4],
            conversation=some[5], in_reply_to=some[6], language=some[7], media=some[8:10], addressed_to=("77",),
            problems=some[10:12],
        )
        for number, some in enumerate(group for group in said if len(group) == 30)
    ]  # fmt: skip
    posts.append(replace(posts[0], id="many", author=RemoteAuthor("many", followers=10**30)))
    assert ingest(source, Page(posts=tuple(posts), status=200), at=at).new == len(posts) > 40
    for zone in ZONES:
        type(acme.organization).objects.filter(pk=acme.organization.pk).update(time_zone=zone)
        shown = stream_of(client)
        assert [strange(page, plain[min(at, 1)]) for at, page in enumerate(shown)] == [[]] * len(shown)
    assert sum("&lt;" in page for page in shown) > 0, "it is shown as it is"


def feed_of(said: tuple[str, ...]) -> bytes:
    items = [
        {
            "id": f"{number} {word}"[:400], "title": word, "content_text": word, "url": word, "date_published": word,
            "author": {"name": word, "url": word}, "language": word, "image": word,
        }
        for number, word in enumerate(said)
    ]  # fmt: skip
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": said[0], "items": items}).encode()


def test_no_entry_of_a_feed_is_lost_over_what_it_says() -> None:
    posts = parse_feed(feed_of(words())).posts
    assert len(words()) >= len(posts) >= len(words()) - 3 and len(posts) > 1200
    for post in posts:
        can_be_kept(post)


def test_pages_in_odd_letters_and_attacks_are_feeds_or_a_reason(acme: Cast, api: Any, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.FETCH_REQUESTS_PER_HOST_PER_SECOND = 1000
    gita = api(acme.gita)
    with FeedServer() as server:
        server.documents = {f"/{name}": body for name, body in documents().items()}
        for path in server.documents:
            factories.source(place=server.url(path), next_poll_at=clock.now())
        polling.poll_due(clock.now())
        found = gita.post("/api/v1/sources/discover/", {"address": server.url("/utf8.html")})
    assert found.status_code in {200, 422, 400}
    polls = Poll.objects.all()
    assert polls.count() == Source.objects.count() == len(documents())
    assert set(polls.values_list("outcome", flat=True)) == {"taken", "unreadable"}
    assert not polls.filter(outcome="unreadable", problem="").exists()
    assert not polls.filter(problem__contains="could not understand").exists()
    assert not polls.filter(problem__contains="could not store").exists()
    assert not Post.objects.filter(text__contains="root:").exists()


def test_a_program_may_send_us_anything(acme: Cast) -> None:
    row, secret = webhooks.add_inbound_webhook(name="Reviews", by=acme.carla, at=clock.now())
    fields = ("title", "url", "who", "at", "language", "in_reply_to", "conversation")
    where = {"posts": "@", "author_name": "who", "published_at": "at"}
    row = webhooks.map_inbound_webhook(row, mapping=where, by=acme.carla, at=clock.now())
    said: list[dict[str, Any]] = [
        {"id": f"{number}", "text": f"acme {word}", **dict.fromkeys(fields, word)}
        for number, word in enumerate(words())
    ]
    said += [{"id": f"s{at}", "text": "acme", "at": at} for at in (-62135596800, 253402300799, -1e10, 1e308, "nan")]
    bodies = [said[at : at + 100] for at in range(0, len(said), 100)]
    for number, body in enumerate(bodies):
        sent = json.dumps(body).encode()
        headers = signature.sign(secret, key=f"m{number}", at=clock.now(), body=sent)
        answer = Client().post(f"/hooks/{row.key}/", sent, content_type="application/json", headers=headers)
        assert answer.status_code == 202
    for _visit in range(len(bodies) + 1):
        Source.objects.update(next_poll_at=clock.now(), lease_until=None)
        polling.poll_due(clock.now())
    assert not InboundBody.objects.filter(taken_at=None).exists()
    assert not Poll.objects.exclude(outcome__in=["taken", "unchanged"]).exists()
    assert Post.objects.count() == len(said) > 1200
    assert not Post.objects.filter(published_at__lt=datetime(1800, 1, 1, tzinfo=UTC)).exists()


def mail(word: str, body: bytes, *, charset: str, kind: str) -> bytes:
    line = " ".join(word.encode("utf-8", "replace").decode().split("\n")).replace("\r", " ").replace("\x00", "")
    head = f"From: {line} <a@example.org>\r\nTo: us@example.org\r\nSubject: {line}\r\nDate: {line}\r\n"
    head += f"Message-ID: <{line}>\r\nReferences: {line}\r\nContent-Type: {kind}; charset={charset}\r\n\r\n"
    return head.encode() + body


def test_every_mail_can_be_read() -> None:
    bodies = cycle(body for body in documents().values() if len(body) < 20_000)
    letters = cycle(("utf-8", "iso-8859-1", "koi8-r", "utf-16", "utf-7", "no-such-letters", '"'))
    kinds = cycle(("text/plain", "text/html", "multipart/mixed", "message/rfc822"))
    far = ("Fri, 31 Dec 9999 23:59:59 -0100", "Mon, 01 Jan 0001 00:00:00 +1400")
    for word in (*words()[::12], *far):
        raw = mail(word, next(bodies), charset=next(letters), kind=next(kinds))
        for post in parse_mail(raw, received_at=clock.now() - timedelta(minutes=1)):
            can_be_kept(post)
            assert "\n" not in post.title and "\r" not in post.title
        letter = read_letter(raw, sender=word, recipient=word)
        assert "\n" not in letter.subject and len(key_of(raw)) == 64
        assert "\x00" not in letter.sender + letter.subject + letter.text + letter.whole
