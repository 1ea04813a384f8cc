"""What the machine makes of mentions: at capture, after an edit, and in the background; never against a person."""

from __future__ import annotations

from typing import Any

import pytest

from listening import appraising
from listening.actions.judgements import correct_language, correct_sentiment, take_topic_away
from listening.ingest import ingest
from listening.matching import Document, parse
from listening.models import LearnedModel, Mention
from listening.rejudging import judge_again, judge_some, judge_waiting
from listening.signals import mentions_captured
from roles import clock
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW, page, remote

GERMAN = "Acme liefert schon wieder zwei Wochen zu spät, wirklich furchtbar und ärgerlich, so etwas kaufe ich nie mehr."
GLAD = "I love Acme, what a wonderful bicycle, thank you so much!"


def judged(mention: Mention) -> tuple[Any, ...]:
    mention.refresh_from_db()
    return mention.language, mention.sentiment


def test_a_mention_is_judged_when_it_is_captured(acme: Cast) -> None:
    source, heard = factories.source(), []
    factories.query("acme")

    def listen(sender: Any, mentions: list[Mention], **_news: Any) -> None:
        heard.extend((mention.language, mention.sentiment, mention.judged_by) for mention in mentions)

    mentions_captured.connect(listen)
    try:
        ingest(source, page(remote(1, GERMAN), remote(2, GLAD), remote(3, "zebra")), at=NOW)
    finally:
        mentions_captured.disconnect(listen)
    rows = list(Mention.objects.order_by("pk").values_list("language", "sentiment", "judged_by"))
    assert [row[:2] for row in rows] == [("de", -1), ("en", 1)]
    assert heard == rows
    assert "sentiment=shipped" in rows[0][2]


def test_the_language_that_the_network_says_stands(acme: Cast) -> None:
    factories.query("acme")
    ingest(factories.source(), page(remote(1, "Acme Acme", language="nl-BE")), at=NOW)
    row = Mention.objects.get()
    assert (row.language, "language=network" in row.judged_by) == ("nl", True)


def test_a_query_asks_for_a_language_that_nobody_said() -> None:
    asked = parse("acme lang:de")
    assert asked.matches(Document(text=GERMAN)) is not None
    assert asked.matches(Document(text=GERMAN, language="en")) is None
    assert asked.matches(Document(text=GLAD)) is None


def test_an_edit_is_judged_again_but_not_what_a_person_said(acme: Cast) -> None:
    source = factories.source()
    factories.query("acme")
    ingest(source, page(remote(1, GERMAN), remote(2, GERMAN)), at=NOW)
    corrected, other = Mention.objects.order_by("pk")
    correct_sentiment(corrected, sentiment=0, by=acme.gita, at=NOW)
    ingest(source, page(remote(1, GLAD), remote(2, GLAD)), at=NOW)
    assert (judged(corrected), judged(other)) == (("en", 0), ("en", 1))


def test_what_was_captured_before_is_judged_in_the_background(acme: Cast) -> None:
    rows = [factories.mention(GLAD) for _number in range(3)]
    said = rows[0]
    take_topic_away(said, by=acme.gita, at=clock.now())
    assert judge_waiting(limit=2) == 2
    assert [judged(row)[1] for row in rows] == [None, 1, 1]
    assert judge_some() == 1
    assert (judged(said), said.topic) == (("en", 1), None)
    assert judge_some() == 0


def test_another_language_is_judged_in_that_language(acme: Cast) -> None:
    mention = factories.mention(GERMAN)
    judge_some()
    correct_language(mention, language="en", by=acme.gita, at=clock.now())
    judge_some()
    mention.refresh_from_db()
    assert mention.language == "en" and "language=person" in mention.judged_by


class Topics:
    """Suggests the same for everything."""

    def __init__(self, topic: int, probability: float) -> None:
        self.said = (topic, probability)

    def suggest(self, texts: list[str], *, most: int) -> list[Any]:
        from listening.learning.topics import Suggestion

        return [[Suggestion(str(self.said[0]), self.said[1])] for _text in texts]


@pytest.mark.parametrize(
    ("probability", "paused", "suggested"), [(0.8, False, True), (0.3, False, False), (0.8, True, False)]
)
def test_a_topic_is_suggested_where_the_machine_is_sure(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, probability: float, paused: bool, suggested: bool
) -> None:
    topic = factories.topic("Billing", is_active=not paused)
    taught = appraising.Taught(topics=Topics(topic.pk, probability))  # type: ignore[arg-type]
    monkeypatch.setattr(appraising, "taught", lambda: taught)
    factories.query("acme")
    ingest(factories.source(), page(remote(1, GLAD)), at=NOW)
    row = Mention.objects.get()
    assert (row.topic_id, row.topic_score) == ((topic.pk, probability) if suggested else (None, None))


def test_a_topic_that_is_gone_by_now_stops_no_capture(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = appraising.Appraisal(topic_id=99_999, topic_score=0.9, judged_by="x")
    monkeypatch.setattr("listening.judging.appraise", lambda subjects: [gone for _subject in subjects])
    factories.query("acme")
    ingest(factories.source(), page(remote(1, GLAD)), at=NOW)
    row = Mention.objects.get()
    assert (row.topic_id, row.topic_score, row.judged_by) == (None, None, "x")


def test_a_new_model_sees_what_waits_and_stops_at_the_end(acme: Cast) -> None:
    waiting = [factories.mention(GLAD, judged_by="old") for _number in range(3)]
    done = factories.mention(GLAD, judged_by="old", state="dismissed")
    LearnedModel.objects.create(
        kind="relevance", version=1, state="current", begun_at=NOW, again_below=done.pk + 1, content=b"unreadable"
    )
    appraising._taught.clear()
    assert [judge_again(limit=2), judge_again(limit=2), judge_again(limit=2)] == [2, 1, 0]
    assert {judged(row)[1] for row in waiting} == {1}
    done.refresh_from_db()
    assert (done.judged_by, LearnedModel.objects.get().again_below) == ("old", None)
