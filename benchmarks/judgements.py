"""How well and how fast posts are judged, beside VADER and beside TF-IDF with logistic regression.

Real labelled posts are read where the folder with them is present (`--data`); without it only speed is measured, on
sentences of the tests.

    python -m benchmarks.judgements [--data FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from listening.learning import detect, judge
from listening.learning.evaluation import accuracy, macro_f1
from listening.learning.prior import mood
from listening.learning.sentiment import Correction
from listening.learning.sentiment import train as train_sentiment
from listening.learning.topics import train as train_topics

HERE = Path(__file__).resolve().parent
SENTENCES = HERE.parent / "tests" / "listening" / "learning" / "words" / "languages.txt"
VALUES = {"negative": -1, "neutral": 0, "positive": 1}
SIZES = (100, 300, 1_000)
SIX = ("en", "es", "pt", "fr", "de", "it")
vader = SentimentIntensityAnalyzer()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "B_social")
    place = parser.parse_args().data
    texts = [line[4:] for line in SENTENCES.read_text(encoding="utf-8").splitlines()] * 50
    with threadpool_limits(1):
        if place.exists():
            posts = [json.loads(line) for line in (place / "xlmt_umsab" / "val.jsonl").read_text().splitlines()]
            texts = [post["text"] for post in posts]
            languages(posts)
            first_day(posts)
            learning([post for post in posts if post["lang"] != "hi"], "eight languages without Hindi")
            rated(place / "vader_icwsm2014" / "tweets_GroundTruth.jsonl")
            topics(place / "banking77" / "train.csv")
        speed(texts)


def languages(posts: list[dict[str, str]]) -> None:
    """The share of posts whose language is told; some labels are wrong, so 1 cannot be reached."""
    from eld import LanguageDetector

    alone, six = LanguageDetector(), [post for post in posts if post["lang"] in SIX]
    table("language of short posts", ["", "six languages", "Arabic"])
    for name, tell in (("ours", detect), ("eld alone", lambda text: alone.detect(text).language)):
        shares = [
            accuracy([post["lang"] for post in rows], [tell(post["text"]) for post in rows])
            for rows in (six, [post for post in posts if post["lang"] == "ar"])
        ]
        print(f"| {name} | {shares[0]:.3f} | {shares[1]:.3f} |")
    print()


def first_day(posts: list[dict[str, str]]) -> None:
    """Macro-F1 with nothing learned, the language told by the machine."""
    names = sorted({post["lang"] for post in posts})
    table("sentiment from the first day, macro-F1", ["", "all", *names])
    told = [each.sentiment for each in judge([post["text"] for post in posts])]
    for name, values in (("ours", told), ("VADER", [by_vader(post["text"]) for post in posts])):
        pairs = [(post["lang"], VALUES[post["label"]], value) for post, value in zip(posts, values, strict=True)]
        shares = []
        for only in (None, *names):
            chosen = [pair[1:] for pair in pairs if only in {None, pair[0]}]
            shares.append(macro_f1([truth for truth, _value in chosen], [value for _truth, value in chosen]))
        print(f"| {name} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")
    print()


def learning(posts: list[dict[str, str]], what: str) -> None:
    """Macro-F1 on posts that were not corrected, by the number of corrections; the mean of two draws."""
    rows = [Correction(post["text"], VALUES[post["label"]], post["lang"]) for post in posts]
    columns = ["corrections", "ours", "TF-IDF with logistic regression", "shipped words"]
    table(f"sentiment after corrections, {what}", columns)
    for size in SIZES:
        scores = [one_draw(rows, size, seed) for seed in range(2)]
        means = [statistics.mean(column) for column in zip(*scores, strict=True)]
        print(f"| {size:,} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")
    print()


def one_draw(rows: list[Correction], size: int, seed: int) -> tuple[float, float, float]:
    """One division into what is corrected and what is judged."""
    drawn = random.Random(seed).sample(rows, len(rows))
    known, asked = drawn[:size], drawn[-1_000:]
    truth = [row.sentiment for row in asked]
    candidate = train_sentiment(known)
    shipped = [mood(row.text, row.language).value for row in asked]
    ours = shipped
    if candidate.better_than(None):
        told = candidate.model.judge([row.text for row in asked], [row.language for row in asked])
        ours = [value for value, _score in told]
    plain = by_words([row.text for row in known], [row.sentiment for row in known], [row.text for row in asked])
    return macro_f1(truth, ours), macro_f1(truth, plain), macro_f1(truth, shipped)


def rated(place: Path) -> None:
    """The same for English posts that people rated (the VADER lexicon was made with them in mind)."""
    posts = [json.loads(line) for line in place.read_text().splitlines()]
    named = [{"text": post["text"], "lang": "en", "label": in_words(float(post["mean_rating"]))} for post in posts]
    learning(named, "rated English posts")


def in_words(rating: float) -> str:
    """A mean rating from -4 to 4 as one of three."""
    return "positive" if rating >= 0.8 else "negative" if rating <= -0.8 else "neutral"


def topics(place: Path) -> None:
    """The share of questions whose topic of 77 is told, one fifth held out."""
    with place.open(newline="") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    random.Random(0).shuffle(rows)
    known, asked = rows[len(rows) // 5 :], rows[: len(rows) // 5]
    truth = [topic for _text, topic in asked]
    model = train_topics(known).model
    ours = [told[0].topic for told in model.suggest([text for text, _topic in asked], most=1)]
    plain = by_words([text for text, _t in known], [topic for _t, topic in known], [text for text, _t in asked])
    table("77 topics, accuracy", ["ours", "TF-IDF with logistic regression"])
    print(f"| {accuracy(truth, ours):.3f} | {accuracy(truth, plain):.3f} |\n")


def speed(texts: Sequence[str]) -> None:
    """Texts a second in one process, each text seen for the first time by us."""
    judge(["warm"])
    table("texts a second, one process", ["ours, language and sentiment", "ours, sentiment", "VADER, sentiment"])
    both = rate(lambda: judge(texts), len(texts))
    ours = rate(lambda: judge(texts, languages=["en"] * len(texts)), len(texts))
    print(f"| {both:,.0f} | {ours:,.0f} | {rate(lambda: [by_vader(text) for text in texts], len(texts)):,.0f} |")


def rate(work: Callable[[], object], count: int) -> float:
    """How many a second of processor time, which a busy machine spoils less."""
    began = time.process_time()
    work()
    return count / (time.process_time() - began)


def by_vader(text: str) -> int:
    """VADER with the thresholds that its authors name."""
    score = vader.polarity_scores(text)["compound"]
    return 1 if score >= 0.05 else -1 if score <= -0.05 else 0


def by_words(known: list[str], labels: list[Any], asked: list[str]) -> list[Any]:
    """The plain way: TF-IDF of words, logistic regression, as scikit-learn sets them."""
    words = TfidfVectorizer()
    learner = LogisticRegression(max_iter=300).fit(words.fit_transform(known), labels)
    return list(learner.predict(words.transform(asked)))


def table(name: str, columns: list[str]) -> None:
    """The head of a table."""
    print(f"### {name[0].upper()}{name[1:]}\n\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")


if __name__ == "__main__":
    sys.exit(main())
