"""Rows of JSON lines from a file or standard input; a bad line is named and does not stop the others."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError


class Lines:
    """The rows of one place; counts what was read and what was bad."""

    def __init__(self, place: str, *, needs: dict[str, type], complain: Callable[[str], None]) -> None:
        self._place, self._needs, self._complain = place, needs, complain
        self.read = self.bad = self._number = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self._lines(), 1):
            self._number = number
            if not line.strip():
                continue
            self.read += 1
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as problem:
                self.refuse(f"is not JSON in UTF-8 ({problem})")
                continue
            if wrong := self._wrong(row):
                self.refuse(wrong)
            else:
                yield row

    def refuse(self, reason: str) -> bool:
        """Say what is wrong with the row that was read last."""
        self.bad += 1
        self._complain(f"Line {self._number}: {reason}.")
        return False

    def _wrong(self, row: Any) -> str:
        if not isinstance(row, dict):
            return "is not an object"
        for name, kind in self._needs.items():
            if not isinstance(row.get(name), kind):
                return f'needs "{name}" to be {"a text" if kind is str else kind.__name__}'
        return ""

    def _lines(self) -> Iterator[bytes]:
        if self._place == "-":
            yield from sys.stdin.buffer
            return
        try:
            with Path(self._place).open("rb") as file:
                yield from file
        except OSError as error:
            raise CommandError(f"{self._place} could not be read: {error.strerror or error}.") from error
