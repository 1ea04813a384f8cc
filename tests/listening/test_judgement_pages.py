"""Judgements and topics on pages and over the API."""

from __future__ import annotations

from typing import Any

from django.test import Client

from listening.actions.judgements import correct_sentiment
from listening.models import Correction, Mention, Topic
from roles import clock
from tests import factories
from tests.cast import Cast

HOSTILE = '<script>alert(1)</script>"&\u202e'


def at_acme(client: Client, path: str, **data: str) -> Any:
    return client.post(f"/o/acme/{path}", data) if data else client.get(f"/o/acme/{path}")


def test_a_mention_says_what_is_thought_of_it_and_by_whom(acme: Cast, sign_in: Any) -> None:
    topic = factories.topic(HOSTILE)
    mention = factories.mention(
        language="nl", sentiment=-1, sentiment_score=-0.7, topic=topic, topic_score=0.72, relevance=0.9,
        judged_by="language=shipped-1;sentiment=shipped-1;topic=3;relevance=4",
    )  # fmt: skip
    correct_sentiment(mention, sentiment=1, by=acme.gita, at=clock.now())
    text = " ".join(at_acme(sign_in(acme.gita), f"mentions/{mention.pk}/").content.decode().split())
    assert "said by Gita" in text and "Dutch" in text and "by the machine (as delivered with Touchline)" in text
    assert "72 %, by the machine (learned model, version 3)" in text
    assert "Likely relevant" in text and "<script>alert" not in text
    # A responder reads it and is offered nothing.
    text = at_acme(sign_in(acme.rosa), f"mentions/{mention.pk}/").content.decode()
    assert "said by Gita" in text and "Give this topic" not in text


def test_correcting_on_the_page_and_undoing_it(acme: Cast, sign_in: Any) -> None:
    topic = factories.topic("Billing")
    mention = factories.mention(language="en", sentiment=0, judged_by="x", topic=topic, topic_score=0.5)
    gita, base = sign_in(acme.gita), f"mentions/{mention.pk}/"
    for verb, data in (("sentiment", {"sentiment": "-1"}), ("language", {"language": "nl"}), ("topic", {"topic": ""})):
        assert at_acme(gita, f"{base}{verb}/", **data).status_code == 302
    mention.refresh_from_db()
    assert (mention.sentiment, mention.language, mention.topic) == (-1, "nl", None)
    page = gita.get(f"/o/acme/{base}").content.decode()
    assert f"/o/acme/{base}take-back/" in page
    at_acme(gita, f"{base}topic/", topic=str(topic.pk))
    at_acme(gita, f"{base}take-back/", kind="sentiment")
    mention.refresh_from_db()
    assert (mention.sentiment, mention.topic, mention.topic_score) == (0, topic, None)
    for verb, data in (
        ("sentiment", {"sentiment": "7"}), ("language", {"language": "<b>"}), ("topic", {"topic": "999999"}),
        ("take-back", {"kind": "story"}),
    ):  # fmt: skip
        at_acme(gita, f"{base}{verb}/", **data)
    assert Correction.objects.count() == 2


def test_topics_are_listed_in_as_many_queries_however_many(
    acme: Cast, sign_in: Any, django_assert_num_queries: Any
) -> None:
    gita = sign_in(acme.gita)
    factories.topic(HOSTILE, department=acme.care)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    at_acme(gita, "topics/")
    with CaptureQueriesContext(connection) as with_one:
        text = at_acme(gita, "topics/").content.decode()
    assert "<script>alert" not in text
    for number in range(20):
        factories.topic(f"Topic {number}", department=acme.press)
    with django_assert_num_queries(len(with_one)):
        at_acme(gita, "topics/")


def test_topics_are_managed_on_pages(acme: Cast, sign_in: Any) -> None:
    gita = sign_in(acme.gita)
    for name in ("Billing", "Bills"):
        assert at_acme(gita, "topics/add/", name=name).status_code == 302
    assert at_acme(gita, "topics/add/", name="billing").status_code == 422
    billing, bills = Topic.objects.order_by("pk")
    at_acme(gita, f"topics/{bills.pk}/pause/", x="")
    assert b"Paused" in gita.get("/o/acme/topics/").content
    assert at_acme(gita, f"topics/{bills.pk}/merge/", into=str(bills.pk)).status_code == 422
    at_acme(gita, f"topics/{bills.pk}/merge/", into=str(billing.pk))
    assert Topic.objects.get() == billing


def test_the_api_corrects_and_lists_corrections(acme: Cast, api: Any) -> None:
    topic = factories.topic("Billing")
    mention = factories.mention(language="en", sentiment=0, sentiment_score=0.1, judged_by="x")
    gita, base = api(acme.gita), f"/api/v1/mentions/{mention.pk}/"
    said = gita.post(f"{base}sentiment/", {"sentiment": -1}).json()
    assert (said["sentiment"], said["sentiment_score"]) == (-1, -1.0)
    assert gita.post(f"{base}topic/", {"topic": topic.pk}).json()["topic"] == topic.pk
    assert gita.post(f"{base}topic/", {"topic": None}).json()["topic"] is None
    assert gita.post(f"{base}language/", {"language": "xx"}).status_code == 400
    listed = gita.get("/api/v1/corrections/", {"kind": "sentiment"}).json()["results"]
    assert [(row["value"], row["before"], row["by_name"]) for row in listed] == [("-1", "0", "Gita")]
    assert gita.post(f"{base}take-back/", {"kind": "sentiment"}).json()["sentiment"] == 0
    found = gita.get("/api/v1/mentions/", {"language": "en", "sentiment": 0}).json()["results"]
    assert [row["id"] for row in found] == [mention.pk]
    assert gita.get("/api/v1/mentions/", {"topic": topic.pk}).json()["results"] == []


def test_topics_over_the_api(acme: Cast, api: Any) -> None:
    gita = api(acme.gita)
    made = gita.post("/api/v1/topics/", {"name": "Billing", "department": acme.care.pk})
    assert made.status_code == 201
    key = made.json()["id"]
    assert gita.patch(f"/api/v1/topics/{key}/", {"name": "Bills"}).json()["department"] == acme.care.pk
    assert gita.post(f"/api/v1/topics/{key}/pause/").json()["is_active"] is False
    assert gita.post(f"/api/v1/topics/{key}/resume/").json()["is_active"] is True
    other = factories.topic("Invoices")
    assert gita.post(f"/api/v1/topics/{key}/merge/", {"into": other.pk}).json()["id"] == other.pk
    assert [row["name"] for row in gita.get("/api/v1/topics/").json()["results"]] == ["Invoices"]


def test_the_most_relevant_come_first_and_what_is_not_known_in_the_middle(acme: Cast) -> None:
    known = [factories.mention(relevance=value) for value in (0.2, 0.9, None, 0.9, 0.5, 0.0)]
    order = [4, 2, 5, 3, 1, 6]
    rows = Mention.objects.untriaged().most_relevant_first()
    keys = [known[place - 1].pk for place in order]
    assert [row.pk for row in rows] == keys
    for place, key in enumerate(keys):
        after = rows.less_relevant_than(Mention.objects.get(pk=key))
        assert [row.pk for row in after] == keys[place + 1 :]
