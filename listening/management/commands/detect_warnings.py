"""Runs the early warning over a series of counts in a file."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from listening.early_warning import Detector, Episode, Row, Score, UnreadableSeries, Watch, read_series


class Command(BaseCommand):
    """Judge every row by the rows before it; needs neither a database nor any other server."""

    help = (
        "Find what is unusual in a CSV of counts with the columns timestamp and value. Rows are judged one by one, by "
        "those before them. A row without a value, or not later than one before it, has the score 0 and is not learned."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("series", metavar="SERIES.csv", help="a file; - reads what is piped in")
        parser.add_argument("--json", action="store_true", help="one JSON object for every row instead of the episodes")

    def handle(self, *_args: Any, **options: Any) -> None:
        judged = Judged()
        try:
            with _opened(options["series"]) as lines:
                said = _as_json(lines, judged) if options["json"] else _as_episodes(lines, judged)
                for line in said:
                    self.stdout.write(line)
        except UnreadableSeries as error:
            raise CommandError(str(error)) from error
        except BrokenPipeError:
            # Whoever reads has seen enough; what is buffered has nowhere to go.
            sys.stdout = None
            return
        except OSError as error:
            raise CommandError(f"{options['series']} could not be read: {error.strerror or error}.") from error
        for note in judged.notes():
            self.stderr.write(self.style.WARNING(note))


class Judged:
    """A detector at work on rows, and how many of them it could not judge."""

    def __init__(self) -> None:
        self.rows = self.without_value = self.too_late = 0
        self._detector = Detector()
        self._last: Row | None = None

    def judge(self, row: Row) -> Score | None:
        """The score of a row; None where there is nothing to judge."""
        self.rows += 1
        if row.value is None:
            self.without_value += 1
            return None
        if self._last is not None and row.at <= self._last.at:
            self.too_late += 1
            return None
        self._last = row
        return self._detector.observe(row.at, row.value)

    def notes(self) -> Iterator[str]:
        """What a person should know about the file."""
        if self.without_value:
            yield f"{self.without_value:,} of {self.rows:,} rows have no value."
        if self.too_late:
            hint = " Is the newest row the first? Then turn the file round." if self.too_late > self.rows / 2 else ""
            yield f"{self.too_late:,} of {self.rows:,} rows are not later than a row before them.{hint}"


@contextmanager
def _opened(place: str) -> Iterator[TextIO]:
    if place == "-":
        yield sys.stdin
        return
    with Path(place).open(encoding="utf-8-sig", newline="") as file:
        yield file


def _as_json(lines: TextIO, judged: Judged) -> Iterator[str]:
    for row in read_series(lines):
        score = judged.judge(row)
        said = {"timestamp": row.written, "value": row.value, "score": round(score.score, 9) if score else 0.0}
        yield json.dumps(said, ensure_ascii=False)


def _as_episodes(lines: TextIO, judged: Judged) -> Iterator[str]:
    watch, ended = Watch(), 0
    for row in read_series(lines):
        score = judged.judge(row)
        change = watch.follow(score) if score else None
        if change and change.kind == "ended":
            ended += 1
            yield _sentence(change.episode)
    if watch.episode:
        ended += 1
        yield f"{_sentence(watch.episode)} It goes on."
    yield f"{judged.rows:,} rows, {ended:,} episodes."


def _sentence(episode: Episode) -> str:
    return (
        f"{episode.started_at:%Y-%m-%d %H:%M}  {episode.severity.name.lower():<8}"
        f"{episode.peak_value:,.0f} at {episode.peak_at:%H:%M}; usually {episode.low:,.0f} to {episode.high:,.0f} at"
        f" this hour. Comes once in {_span(episode.once_in)}."
    )


def _span(time: timedelta) -> str:
    days = time.total_seconds() / 86400
    return f"{days:,.0f} days" if days < 365 else "a year or longer"
