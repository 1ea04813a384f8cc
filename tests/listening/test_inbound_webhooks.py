"""Programs send us posts: kept before thanks, signed, read by a mapping, each once."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from listening import polling
from listening.actions import webhooks as actions
from listening.housekeeping import claim_one
from listening.models import InboundBody, InboundWebhook, Mention, Post, Source
from listening.networks.webhook import signature
from listening.networks.webhook.mapping import FIELDS, Unmapped, check_expression, map_body
from listening.webhooks import receiving
from roles import clock
from roles.models import AuditEntry
from roles.sealing import unseal
from tests import factories
from tests.cast import Cast

REVIEW = {
    "review": {"key": 7, "stars": 2, "said": "Acme’s kettle <b>leaks</b>.", "who": {"name": "Ada"}, "on": 1764150000},
}
MAPPING = {
    "posts": "review", "id": "key", "text": "said", "author_name": "who.name", "published_at": '"on"', "title": "",
}  # fmt: skip


@pytest.fixture
def at() -> datetime:
    """Now."""
    return clock.now()


@pytest.fixture
def inbound(acme: Cast, at: datetime) -> tuple[InboundWebhook, str]:
    """An address with its secret, and a mapping for reviews."""
    row, secret = actions.add_inbound_webhook(name="Reviews", by=acme.carla, at=at)
    return actions.map_inbound_webhook(row, mapping=MAPPING, by=acme.carla, at=at), secret


def _send(
    row: InboundWebhook, secret: str, said: Any, *, key: str = "m1", at: datetime | None = None
) -> tuple[int, bytes]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = signature.sign(secret, key=key, at=at or clock.now(), body=body)
    answer = Client().post(f"/hooks/{row.key}/", body, content_type="application/json", headers=headers)
    return answer.status_code, body


def _poll() -> None:
    """Visit the source once, whether it is due or not."""
    Source.objects.update(next_poll_at=clock.now(), lease_until=None)
    claim = claim_one(Source.objects.get(), clock.now())
    assert claim is not None
    polling.poll_batch([claim], at=clock.now())


def test_what_is_sent_becomes_a_mention(acme: Cast, inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    factories.query("acme")
    assert _send(row, secret, REVIEW)[0] == 202
    assert InboundBody.objects.get().taken_at is None, "it is kept before it is read"
    _poll()
    post = Post.objects.get()
    assert (post.text, str(post.author)) == ("Acme’s kettle leaks.", "Ada") and Mention.objects.count() == 1
    assert post.published_at == datetime(2025, 11, 26, 9, 40, tzinfo=UTC)
    _poll()
    assert InboundBody.objects.get().taken_at is not None


def test_the_same_message_is_kept_once_and_a_newer_word_is_an_edit(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    assert [_send(row, secret, REVIEW)[0] for _time in range(2)] == [202, 202]
    assert InboundBody.objects.count() == 1
    _poll()
    _send(row, secret, {"review": {**REVIEW["review"], "said": "Acme mended it."}}, key="m2")
    _poll()
    assert Post.objects.get().text == "Acme mended it."


def test_a_worker_that_dies_before_the_posts_are_stored_reads_them_again(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    _send(row, secret, REVIEW)
    _poll()
    Post.objects.all().delete()
    Source.objects.update(cursor={})
    _poll()
    assert Post.objects.count() == 1 and InboundBody.objects.get().taken_at is None


def test_who_does_not_sign_right_is_refused(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    old = clock.now() - timedelta(minutes=6)
    assert _send(row, signature.new_secret(), REVIEW)[0] == 401
    assert _send(row, secret, REVIEW, at=old)[0] == 401
    plain = Client().post(f"/hooks/{row.key}/", b"{}", content_type="application/json")
    assert plain.status_code == 401 and InboundBody.objects.count() == 0
    row.refresh_from_db()
    assert row.forged == 3
    assert Client().post("/hooks/unknown/", b"{}", content_type="application/json").status_code == 404
    assert Client().get(f"/hooks/{row.key}/").status_code == 405
    large = b"x" * 1_000_001
    assert Client().post(f"/hooks/{row.key}/", large, content_type="application/json").status_code == 413


def test_the_secret_before_lives_a_day(acme: Cast, inbound: tuple[InboundWebhook, str], at: datetime) -> None:
    row, secret = inbound
    row, newer = actions.renew_inbound_secret(row, by=acme.carla, at=clock.now())
    assert _send(row, secret, REVIEW, key="a")[0] == _send(row, newer, REVIEW, key="b")[0] == 202
    InboundWebhook.objects.update(before_until=clock.now())
    assert _send(row, secret, REVIEW, key="c")[0] == 401
    assert unseal(InboundWebhook.objects.get().sealed) == newer and newer not in InboundWebhook.objects.get().sealed
    assert not AuditEntry.objects.filter(after__icontains=newer).exists()


def test_what_cannot_be_mapped_says_why_and_is_crossed_off(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    _send(row, secret, b"no json", key="a")
    _send(row, secret, {"other": 1}, key="b")
    _poll()
    _poll()
    problems = list(InboundBody.objects.order_by("pk").values_list("problem", flat=True))
    assert problems == ["The body is not JSON.", "There is nothing at “review” in the body."]
    assert Post.objects.count() == 0


def test_one_body_does_not_keep_the_others_waiting(inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    for number, date in enumerate(("\x00 yesterday", "\ud800", "today")):
        _send(row, secret, {"review": {**REVIEW["review"], "key": number, "on": date}}, key=str(number))
    deep = b"[" * 100_000 + b"]" * 100_000
    _send(row, secret, deep, key="deep")
    _poll()
    _poll()
    assert Post.objects.count() == 3 and not InboundBody.objects.filter(taken_at=None).exists()


@pytest.mark.parametrize("expression", ["[@,@]|[@,@]", "{a: @, b: @}", "join(',', @)", "a[*].[b, c]"])
def test_an_expression_only_finds(expression: str) -> None:
    with pytest.raises(Unmapped, match="say only where"):
        check_expression(expression)
    assert check_expression("a.b[0] || c[?d == 'x'].e | [0]")


def test_too_many_at_once_are_asked_to_come_later(
    inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, secret = inbound
    monkeypatch.setattr(receiving, "MOST_WAITING", 2)
    assert [_send(row, secret, REVIEW, key=str(number))[0] for number in range(3)] == [202, 202, 429]
    assert _send(row, secret, REVIEW, key="1")[0] == 202, "what is kept already is thanked for again"


def test_two_long_ids_are_two_and_old_bodies_go(
    inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, secret = inbound
    monkeypatch.setattr(receiving, "KEPT_BODIES", 1)
    for end in "ab":
        _send(row, secret, REVIEW, key="x" * 200 + end)
    assert InboundBody.objects.count() == 2
    _poll()
    _poll()
    assert sorted(len(bytes(body.body)) > 0 for body in InboundBody.objects.all()) == [False, True]


def test_what_could_not_be_read_is_kept_and_read_again_with_a_better_mapping(
    acme: Cast, inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch, sign_in: Any, api: Any
) -> None:
    row, secret = inbound
    monkeypatch.setattr(receiving, "KEPT_BODIES", 1)
    carla, to = sign_in(acme.carla), f"/o/acme/webhooks/in/{row.pk}/"
    for number in range(3):
        _send(row, secret, {"opinion": {**REVIEW["review"], "key": number}}, key=f"other-{number}")
    _send(row, secret, REVIEW, key="read")
    _send(row, secret, {"review": {**REVIEW["review"], "key": 8}}, key="last")
    _poll()
    _poll()
    assert Post.objects.count() == 2 and InboundBody.objects.filter(is_unread=True).count() == 3
    kept = {body.key: len(bytes(body.body)) > 0 for body in InboundBody.objects.all()}
    assert kept == {"other-0": True, "other-1": True, "other-2": True, "read": False, "last": True}
    page = " ".join(carla.get(to).content.decode().split())
    assert "Read 3 messages again" in page and page.count("not read ·") == 3
    actions.map_inbound_webhook(row, mapping={"posts": "review || opinion"}, by=acme.carla, at=clock.now())
    assert carla.post(f"{to}read-again/").status_code == 302
    _poll()
    _poll()
    assert Post.objects.count() == 5 and not InboundBody.objects.filter(is_unread=True).exists()
    assert AuditEntry.objects.get(verb="read_again").after == {"bodies": 3}
    assert "Read 3" not in carla.get(to).content.decode()
    assert api(acme.carla).post(f"/api/v1/inbound-webhooks/{row.pk}/read-again/").json() == {"messages": 0}
    assert api(acme.rosa).post(f"/api/v1/inbound-webhooks/{row.pk}/read-again/").status_code == 403


def test_of_what_could_not_be_read_not_everything_is_kept(
    inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, secret = inbound
    monkeypatch.setattr(receiving, "KEPT_BODIES", 0)
    monkeypatch.setattr(receiving, "KEPT_UNREAD", 2)
    for number in range(4):
        _send(row, secret, {"other": number}, key=str(number))
    _poll()
    _poll()
    kept = InboundBody.objects.exclude(body=b"").order_by("pk").values_list("key", "is_unread")
    assert list(kept) == [("2", True), ("3", True)] and InboundBody.objects.filter(is_unread=True).count() == 2


def test_what_came_is_browsed_to_its_end(
    acme: Cast, inbound: tuple[InboundWebhook, str], monkeypatch: pytest.MonkeyPatch, sign_in: Any
) -> None:
    row, secret = inbound
    monkeypatch.setattr("listening.views.webhooks.LOG_SHOWN", 2)
    for number in range(5):
        _send(row, secret, REVIEW, key=f"message-{number}")
    carla, to, seen = sign_in(acme.carla), f"/o/acme/webhooks/in/{row.pk}/", []
    while to:
        page = carla.get(to)
        seen += [body.key for body in page.context["log"]]
        older = page.context["older"]
        assert (f"?before={older}" in page.content.decode()) == bool(older)
        to = f"/o/acme/webhooks/in/{row.pk}/?before={older}" if older else ""
    assert seen == [f"message-{number}" for number in (4, 3, 2, 1, 0)]


def test_a_paused_source_asks_to_come_again(acme: Cast, inbound: tuple[InboundWebhook, str]) -> None:
    row, secret = inbound
    Source.objects.update(state="paused")
    assert _send(row, secret, REVIEW)[0] == 503
    Source.objects.update(state="closed")
    assert _send(row, secret, REVIEW)[0] == 410


def test_a_wrong_expression_is_told_at_its_field(acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any) -> None:
    row, _secret = inbound
    carla = sign_in(acme.carla)
    page = carla.post(f"/o/acme/webhooks/in/{row.pk}/", {**FIELDS, "text": "a..b"})
    assert page.status_code == 422 and "cannot be read" in page.content.decode()
    with pytest.raises(ValidationError):
        actions.map_inbound_webhook(row, mapping={"text": "("}, by=acme.carla, at=clock.now())


def test_the_page_shows_what_came_last_as_it_is_read(
    acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any
) -> None:
    row, secret = inbound
    _send(row, secret, {"review": {**REVIEW["review"], "said": "<script>alert(1)</script>Leaks"}})
    carla = sign_in(acme.carla)
    page = carla.get(f"/o/acme/webhooks/in/{row.pk}/").content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page and "Leaks" in page
    tried = carla.post(f"/o/acme/webhooks/in/{row.pk}/", {**FIELDS, **MAPPING, "text": "who.name", "try": "1"})
    assert '<dd dir="auto">Ada</dd>' in tried.content.decode()
    row.refresh_from_db()
    assert row.mapping["text"] == "said", "trying saves nothing"
    assert secret not in page and "/hooks/" in page


def test_each_thing_says_what_it_finds_and_what_is_wrong_where(
    acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any
) -> None:
    row, secret = inbound
    _send(row, secret, {"review": {**REVIEW["review"], "on-date": "2025-11-26", "tags": ["a"]}})
    carla, to = sign_in(acme.carla), f"/o/acme/webhooks/in/{row.pk}/"
    page = " ".join(carla.get(to).content.decode().split())
    for path, value in (("who.name", "Ada"), ("&quot;on-date&quot;", "2025-11-26"), ("tags[0]", "a")):
        assert f"<code>{path}</code>" in page and f">{value}<" in page, path
    typed = {**FIELDS, **MAPPING, "text": "who", "url": "tags", "title": "where[", "id": "nothing"}
    wrong = " ".join(carla.post(to, {**typed, "try": "1"}).content.decode().split())
    assert "“where[” cannot be read" in wrong
    typed["title"] = ""
    live = carla.post(to, {**typed, "try": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in live and live.count('hx-swap-oob="true"') == len(FIELDS)
    told = dict(zip(FIELDS, live.split('id="found_')[1:], strict=True))
    assert "1 entry" in told["posts"] and "There is an object; say which thing in it." in told["text"]
    assert "There is a list" in told["url"] and "There is nothing there." in told["id"]
    assert "It has neither a text nor a title where the mapping looks for them: “who” “–”." in live
    typed |= {"text": "said", "id": "key", "url": ""}
    live = carla.post(to, {**typed, "try": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "Acme’s kettle leaks." in live and '→ <span dir="auto">7</span>' in live
    row.refresh_from_db()
    assert row.mapping["text"] == "said" and row.mapping["title"] == "", "trying saves nothing"
    for said in (b"no json", b"[]", b"{}", b"[[]]", b'"x"'):
        _send(row, secret, said, key=said.decode())
        assert carla.get(to).status_code == 200 and carla.post(to, {**typed, "try": "1"}).status_code == 200


def test_only_who_may_sees_them(acme: Cast, inbound: tuple[InboundWebhook, str], sign_in: Any) -> None:
    assert sign_in(acme.rosa).get("/o/acme/webhooks/").status_code == 403
    assert sign_in(acme.carla).get("/o/acme/webhooks/").status_code == 200


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)))
def test_any_json_is_read_or_refused(said: Any) -> None:
    for whole in (said, {"text": said, "id": said, "url": said, "date": said, "author": said, "deleted": said}):
        with suppress(Unmapped):
            assert all(post.id for post in map_body(json.dumps(whole).encode(), FIELDS).posts)
