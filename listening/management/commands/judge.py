"""Judges language and sentiment of texts, without a database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listening.learning import judge
from listening.learning.sentiment import Correction, SentimentModel, train
from listening.learning.teaching import NotEnough
from listening.management.json_lines import Lines

SENTIMENTS = {"negative": -1, "neutral": 0, "positive": 1}
BATCH = 500


class Command(BaseCommand):
    """Read JSON lines, write JSON lines; needs neither a database nor any other server."""

    help = (
        'Judge texts: reads lines like {"id": "1", "text": "..."} and writes {"id", "language", "sentiment", "score"}. '
        "Language is an ISO 639-1 code, sentiment negative, neutral or positive, score from -1 to 1."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="a file of JSON lines; without it, standard input")
        parser.add_argument(
            "--corrections", metavar="FILE", help='learn first from lines like {"text": "...", "sentiment": "negative"}'
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        taught = self._taught(options["corrections"]) if options["corrections"] else {}
        lines = Lines(options["file"], needs={"text": str}, complain=self._complain)
        for batch in _batches(lines):
            for row, judged in zip(batch, judge([row["text"] for row in batch], taught=taught), strict=True):
                answer = {"id": row.get("id"), "language": judged.language or "und"}
                self.stdout.write(json.dumps({**answer, "sentiment": judged.name, "score": judged.score}))
        if lines.bad:
            raise CommandError(f"{lines.bad} of {lines.read} lines could not be read.")

    def _taught(self, place: str) -> dict[str, SentimentModel]:
        lines = Lines(place, needs={"text": str, "sentiment": str}, complain=self._complain)
        rows = [
            Correction(row["text"], SENTIMENTS[row["sentiment"]], str(row.get("language") or ""))
            for row in lines
            if row["sentiment"] in SENTIMENTS or lines.refuse("sentiment must be negative, neutral or positive")
        ]
        if lines.bad:
            raise CommandError(f"{lines.bad} of {lines.read} lines of {place} could not be read.")
        try:
            candidate = train(rows)
        except NotEnough as problem:
            raise CommandError(f"Nothing can be learned from {place} yet. {problem}") from problem
        better = candidate.better_than(None)
        self.stderr.write(
            f"Learned from {len(rows)} corrections: macro-F1 {candidate.evaluation.quality:.3f} on held-back ones, "
            f"{candidate.shipped.quality:.3f} with the shipped words; "
            f"{'judges with what was learned' if better else 'no better, so the shipped words judge'}."
        )
        return {"": candidate.model} if better else {}

    def _complain(self, sentence: str) -> None:
        self.stderr.write(self.style.ERROR(sentence))


def _batches(lines: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in lines:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
