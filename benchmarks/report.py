"""How benchmarks say what they measured, and on what machine."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def machine(database: str = "", *, durable: bool = False) -> str:
    """The machine in a line: cores, memory, Python, PostgreSQL; nothing that tells whose it is."""
    said = [f"{os.cpu_count()} cores", memory(), f"Python {platform.python_version()}"]
    if database:
        said.append(f"PostgreSQL {database}{'' if durable else ', not waiting for the disk'}")
    return "; ".join(part for part in said if part)


def memory() -> str:
    """How much memory there is; empty where the system does not tell."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return ""
    return f"{total / 2**30:.0f} GB"


def resident() -> str:
    """How much memory this process holds now; empty where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return ""
    return f"{pages * os.sysconf('SC_PAGE_SIZE') / 2**20:.0f} MB"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column to the left, figures to the right."""
    lines = [list(heads), ["---", *("---:" for _ in heads[1:])], *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def medians(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median milliseconds of each piece of work, taken in turns so that a slow moment meets all of them."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, times in zip(works, taken, strict=True):
            begun = time.perf_counter()
            work()
            times.append((time.perf_counter() - begun) * 1000)
    return [statistics.median(times) for times in taken]
