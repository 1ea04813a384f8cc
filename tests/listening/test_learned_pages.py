"""What the machine knows: the page, and choosing which version judges."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening import explaining
from listening.explaining import Reasons, reasons
from listening.models import LearnedModel, Mention
from tests import factories
from tests.cast import Cast
from tests.listening.pages import NOW

HOSTILE = "<script>alert(1)</script>"


def learned(kind: str, language: str = "", **fields: Any) -> LearnedModel:
    """A model as a training leaves it."""
    labels = {"sentiment": ["-1", "0", "1"], "relevance": ["no", "yes"], "topic": ["7", "8"]}[kind]
    evaluation = {
        "accuracy": 0.83, "quality": 0.8, "rows": 40, "labels": labels,
        "before": {"accuracy": 0.71, "quality": 0.6, "version": 0},
        "confusion": {truth: dict.fromkeys(labels, 3) for truth in labels},
    }  # fmt: skip
    values = {
        "version": 1, "state": "current", "begun_at": NOW, "trained_at": NOW, "since_at": NOW, "examples": 40,
        "evaluation": evaluation, "content": b"x",
        "words": {labels[-1]: {HOSTILE: 2.0, "broken": 1.0, "source:999": 0.5, "giveaway": -1.5}},
    }  # fmt: skip
    return LearnedModel.objects.create(**{"kind": kind, "language": language, **values, **fields})


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    explaining._weights.clear()


def test_the_page_says_what_judges_and_how_well(acme: Cast, sign_in: Any) -> None:
    gita = sign_in(acme.gita)
    assert "Nothing learned yet" in gita.get("/o/acme/learned/").content.decode()
    learned("sentiment", "nl")
    learned("topic")
    learned("relevance")
    learned("relevance", version=2, state="refused", evaluation={"why": "not_enough"}, content=None, words={})
    text = gita.get("/o/acme/learned/").content.decode()
    assert "Sentiment in Dutch" in text and "it got 83 of 100 right" in text and "the lexicon got 71" in text
    assert "too few of a kind among 40 examples" in text and "a source that is gone" in text
    assert HOSTILE not in text and "Let it judge again" not in text and "Switch off" not in text


def test_the_page_asks_as_often_however_much_was_learned(
    acme: Cast, sign_in: Any, django_assert_num_queries: Any
) -> None:
    gita = sign_in(acme.gita)
    learned("sentiment", "en")
    gita.get("/o/acme/learned/")
    with CaptureQueriesContext(connection) as with_one:
        gita.get("/o/acme/learned/")
    for language in "de fr nl es it pt sv da fi pl cs sk hu ro bg el tr ru uk ar".split():
        learned("sentiment", language)
        factories.correction("fine", "sentiment", -1, at=NOW)
    with django_assert_num_queries(len(with_one)):
        gita.get("/o/acme/learned/")


def test_a_coach_chooses_on_the_page_and_over_the_api(acme: Cast, sign_in: Any, api: Any) -> None:
    before, now = learned("topic", state="retired"), learned("topic", version=2)
    carla = sign_in(acme.carla)
    assert "Let it judge again" in carla.get("/o/acme/learned/").content.decode()
    carla.post(f"/o/acme/learned/{before.pk}/judge-again/", {"reason": " "})
    assert LearnedModel.objects.current().get() == now
    carla.post(f"/o/acme/learned/{before.pk}/judge-again/", {"reason": "Too eager."})
    assert LearnedModel.objects.current().get() == before
    coach = api(acme.carla)
    base = "/api/v1/learned-models/"
    assert coach.post(f"{base}{now.pk}/go-back/", {"reason": "No."}).json()["state"] == "current"
    assert coach.post(f"{base}{now.pk}/switch-off/", {}).status_code == 400
    assert coach.post(f"{base}{now.pk}/switch-off/", {"reason": "Neither."}).json()["state"] == "retired"
    listed = coach.get(base).json()["results"]
    assert {row["version"]: row["reason"] for row in listed} == {1: "Too eager.", 2: "Neither."}
    assert "content" not in listed[0]


def test_relevance_says_why(acme: Cast, django_assert_num_queries: Any) -> None:
    source, query = factories.source(name="Daily News"), factories.query(name="Ours")
    factories.mention("Broken again, and what a giveaway. Table.", relevance=0.7, source=source, query_ids=[query.pk])
    factories.mention("broken", relevance=None)
    words = {"broken": 1.0, "giveaway": -1.5, "table": 0.01, f"source:{source.pk}": 2.0, f"query:{query.pk}": -0.2}
    learned("relevance", words={"yes": words})
    rows = list(Mention.objects.with_posts().order_by("pk"))
    assert reasons(rows) == {rows[0].pk: Reasons(("Daily News", "broken"), ("giveaway", "Ours"))}
    with django_assert_num_queries(3):
        reasons(rows)
