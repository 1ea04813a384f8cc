"""Suggests topics for texts, learned from examples, without a database."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from listening.learning.teaching import NotEnough
from listening.learning.topics import train
from listening.management.json_lines import Lines


class Command(BaseCommand):
    """Learn from examples, then read and write JSON lines; needs neither a database nor any other server."""

    help = (
        'Learn from lines like {"text": "...", "topic": "Delivery"}; then read lines like {"id": "1", "text": "..."} '
        'and write {"id", "topic", "score"}, the score from 0 to 1.'
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="a file of JSON lines; without it, standard input")
        parser.add_argument("--examples", metavar="FILE", required=True, help="the examples, as JSON lines")
        parser.add_argument("--explain", action="store_true", help='add "why": the words that weighed most')

    def handle(self, *_args: Any, **options: Any) -> None:
        examples = Lines(options["examples"], needs={"text": str, "topic": str}, complain=self._complain)
        pairs = [(row["text"], row["topic"]) for row in examples]
        if examples.bad:
            raise CommandError(f"{examples.bad} of {examples.read} lines of {options['examples']} could not be read.")
        try:
            candidate = train(pairs)
        except NotEnough as problem:
            raise CommandError(f"Nothing can be learned from {options['examples']} yet. {problem}") from problem
        self.stderr.write(
            f"Learned {len(candidate.model.topics)} topics from {len(pairs)} examples; "
            f"{candidate.evaluation.accuracy:.1%} of those held back were told right."
        )
        lines = Lines(options["file"], needs={"text": str}, complain=self._complain)
        for row in lines:
            ((best,),) = candidate.model.suggest([row["text"]], most=1, explain=options["explain"])
            answer: dict[str, Any] = {"id": row.get("id"), "topic": best.topic, "score": best.probability}
            if options["explain"]:
                answer["why"] = [[reason.word, reason.weight] for reason in best.reasons]
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if lines.bad:
            raise CommandError(f"{lines.bad} of {lines.read} lines could not be read.")

    def _complain(self, sentence: str) -> None:
        self.stderr.write(self.style.ERROR(sentence))
