"""Models that learn from people: better than before or refused, the same each time, kept as bytes."""

from __future__ import annotations

import random

import pytest

from listening.learning import judge
from listening.learning.linear import UnreadableModel
from listening.learning.relevance import RelevanceModel, Seen
from listening.learning.relevance import train as train_relevance
from listening.learning.sentiment import Correction, SentimentModel
from listening.learning.sentiment import train as train_sentiment
from listening.learning.teaching import NotEnough
from listening.learning.topics import TopicModel
from listening.learning.topics import train as train_topics

THINGS = ("ferry", "timetable", "harbour", "deck", "cabin", "pier", "crew", "island", "ticket", "captain")


def corrections(count: int, seed: int = 1) -> list[Correction]:
    """An organization of ferries, where "choppy" is bad and "glassy" is good, which no list knows."""
    chance = random.Random(seed)
    moods = {1: ("glassy", "glassy sea"), 0: ("moored", "at the pier"), -1: ("choppy", "choppy sea")}
    rows = []
    for place in range(count):
        value = chance.choice((-1, 0, 1))
        text = f"the {chance.choice(THINGS)} {chance.choice(moods[value])} {chance.choice(THINGS)} no {place}"
        rows.append(Correction(text, value, "en"))
    return rows


@pytest.fixture(scope="module")
def ferries() -> SentimentModel:
    return train_sentiment(corrections(120)).model


def test_it_learns_words_that_no_list_knows(ferries: SentimentModel) -> None:
    candidate = train_sentiment(corrections(120))
    assert candidate.shipped.quality < 0.4
    assert candidate.evaluation.quality > 0.9
    assert candidate.better_than(None)
    told = judge(["a choppy crossing", "a glassy crossing"], languages=["en", "en"], taught={"": ferries})
    assert [each.sentiment for each in told] == [-1, 1]
    assert {each.by for each in told} == {ferries.version}


def test_only_languages_that_have_a_model_ask_it(ferries: SentimentModel) -> None:
    told = judge(["glassy", "glassy"], languages=["en", "de"], taught={"en": ferries})
    assert [each.sentiment for each in told] == [1, 0]
    assert told[1].by == judge([""])[0].by


def test_it_says_which_words_weighed(ferries: SentimentModel) -> None:
    reasons = ferries.reasons("the choppy deck", "en", -1)
    assert reasons[0].word in {"choppy", "the choppy", "choppy deck"} and reasons[0].weight > 0


def test_noise_is_refused() -> None:
    chance = random.Random(3)
    rows = [Correction(row.text, chance.choice((-1, 0, 1)), "en") for row in corrections(120)]
    assert not train_sentiment(rows).better_than(None)


def test_a_worse_candidate_does_not_replace_a_better_model(ferries: SentimentModel) -> None:
    chance = random.Random(4)
    spoiled = [
        Correction(row.text, chance.choice((-1, 0, 1)) if place % 3 else row.sentiment, "en")
        for place, row in enumerate(corrections(120))
    ]
    candidate = train_sentiment(corrections(40) + spoiled[:80])
    clean = train_sentiment(corrections(120))
    assert clean.better_than(None)
    assert not candidate.better_than(clean.model)


def test_each_correction_is_held_back_from_the_member_that_judges_it(ferries: SentimentModel) -> None:
    chance = random.Random(5)
    rows = [
        Correction(f"{''.join(chance.choices('abcdefgh', k=9))} {n}", chance.choice((-1, 1)), "en") for n in range(100)
    ]
    candidate = train_sentiment(rows)
    assert candidate.evaluation.quality < 0.75  # nothing can be known of letters drawn by chance
    seen = candidate.model.judge([row.text for row in rows], ["en"] * 100)
    assert sum(value == row.sentiment for (value, _score), row in zip(seen, rows, strict=True)) > 80


def test_the_same_rows_give_the_same_model_in_any_order(ferries: SentimentModel) -> None:
    rows = corrections(120)
    random.Random(6).shuffle(rows)
    assert train_sentiment(rows).model.to_bytes() == ferries.to_bytes()


def test_too_few_corrections_teach_nothing() -> None:
    with pytest.raises(NotEnough, match="Needs 30 rows"):
        train_sentiment(corrections(12))
    with pytest.raises(NotEnough, match="1 such labels"):
        train_sentiment([Correction(f"all is well {n}", 1, "en") for n in range(60)])


def test_bytes_give_the_same_model_back(ferries: SentimentModel) -> None:
    again = SentimentModel.from_bytes(ferries.to_bytes())
    texts = ["a choppy crossing", "moored", "", "love"]
    assert again.version == ferries.version and again.taught_with == 120
    assert again.judge(texts, ["en"] * 4) == ferries.judge(texts, ["en"] * 4)
    assert again.evaluation == ferries.evaluation


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"no model at all",
        lambda data: data.replace(b"model 1", b"model 9", 1),
        lambda data: data[:-20],
        lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:],
        lambda data: data[:22],
    ],
)
def test_damaged_bytes_are_refused_with_a_reason(ferries: SentimentModel, spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(UnreadableModel, match="teach it anew"):
        SentimentModel.from_bytes(spoil(ferries.to_bytes()))


def test_a_model_of_another_kind_is_refused(ferries: SentimentModel) -> None:
    with pytest.raises(UnreadableModel, match="not of topics"):
        TopicModel.from_bytes(ferries.to_bytes())


TOPICS = {
    "Delays": ["the ferry was late", "an hour late again", "delayed since noon", "still waiting for the late boat",
               "why is it delayed", "late again today"],
    "Food": ["the soup on board was cold", "great fish in the restaurant", "is there a vegetarian meal",
             "the restaurant is closed", "coffee and cake on deck", "lunch menu please"],
    "Refunds": ["I want my money back", "how do I get a refund", "refund for a cancelled trip",
                "when is my refund paid", "money back for the ticket", "no refund so far"],
}  # fmt: skip


def test_topics_are_suggested_from_few_examples() -> None:
    model = train_topics([(text, topic) for topic, texts in TOPICS.items() for text in texts]).model
    model = TopicModel.from_bytes(model.to_bytes())
    told = model.suggest(["my refund please", "the boat is late", "what is for lunch?"], explain=True)
    assert [suggestions[0].topic for suggestions in told] == ["Refunds", "Delays", "Food"]
    for suggestions in told:
        assert 0.34 < suggestions[0].probability <= 1
        assert sum(each.probability for each in suggestions) == pytest.approx(1, abs=0.01)
    assert "refund" in " ".join(reason.word for reason in told[0][0].reasons)


def test_topics_that_changed_get_a_new_model_and_a_worse_one_is_refused() -> None:
    pairs = [(text, topic) for topic, texts in TOPICS.items() for text in texts]
    current = train_topics(pairs)
    chance = random.Random(7)
    spoiled = train_topics([(text, chance.choice(list(TOPICS))) for text, _topic in pairs])
    assert current.better_than(None)
    assert not spoiled.better_than(current.model)
    fewer = train_topics([pair for pair in pairs if pair[1] != "Food"])
    assert fewer.better_than(current.model)


def test_relevance_learns_from_words_authors_and_sources() -> None:
    chance = random.Random(8)
    decisions = []
    for number in range(80):
        relevant = number % 2 == 0
        words = "our ferry to the island" if relevant else "tooth fairy costume for kids"
        author = chance.choice(("anna", "ben")) if relevant else "shop"
        decisions.append((Seen(f"{words} {number}", author=author, source="Harbour news", queries=(1,)), relevant))
    candidate = train_relevance(decisions)
    assert candidate.better_than(None)
    model = RelevanceModel.from_bytes(candidate.model.to_bytes())
    good, bad = model.weigh(
        [Seen("the ferry is here", author="anna"), Seen("a fairy costume", author="shop")], explain=True
    )
    assert good.probability > 0.6
    assert bad.probability < 0.4
    words = {reason.word: reason.weight for reason in bad.reasons}
    assert words["author:shop"] < 0
