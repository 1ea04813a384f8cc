"""Feeds visited by the library `reader`; runs with any Python that has it, and needs nothing else of ours.

python benchmarks/peers/by_reader.py http://127.0.0.1:8000 100
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from reader import make_reader

MEMORY = Path("/dev/shm")
WORKERS = 8


def main(base: str, feeds: int) -> None:
    """Do one round over all feeds for each line that comes; answer with its seconds by the clock and the processor."""
    # In memory where there is such a folder: nothing here waits for a disk.
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        reader = make_reader(f"{folder}/reader.sqlite")
        for number in range(feeds):
            reader.add_feed(f"{base}/{number}")
        print("ready", flush=True)
        for _line in sys.stdin:
            clock, processor = time.perf_counter(), time.process_time()
            failed = [
                one
                for one in reader.update_feeds_iter(scheduled=False, workers=WORKERS)
                if isinstance(one.value, Exception)
            ]
            if failed:
                raise SystemExit(f"{len(failed)} feeds could not be read: {failed[0].value}")
            print(time.perf_counter() - clock, time.process_time() - processor, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
