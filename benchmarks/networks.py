"""A thousand answers to each network that runs here, a fifth of its receipts lost, workers killed on the way.

Mastodon is a double that keeps state; WordPress, Bluesky and mail are the real servers, as `make test-networks` fetches
them. What runs is the trial of those tests (`tests/networks/delivering.py`), with more of them: it fails where one is
there twice, is lost, or is told otherwise than it is. It takes an hour, so it runs only when it is named:

    python -m benchmarks networks [-- --deliveries 1000 --only mail wordpress]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.report import table

ROOT = Path(__file__).resolve().parents[1]
NETWORKS = ("mastodon", "mail", "wordpress", "bluesky")
HEAD = ["network", "answers", "receipts lost", "requests lost", "workers killed", "a person found", "sent again", "s"]


def trial(network: str, count: int) -> list[str]:
    """Run the trial of one network; returns what it wrote down, nothing where it failed or its server is not here."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "trials"
        where = os.environ | {"NETWORK_DELIVERIES": str(count), "NETWORK_TRIALS": str(page)}
        # The tests have servers of their own.
        for name in ("DATABASE_URL", "REDIS_URL"):
            where.pop(name, None)
        command = [sys.executable, "-m", "pytest", "-q", "-m", "networks", "-k", "many_deliveries"]
        done = subprocess.run(
            [*command, f"tests/networks/{network}/test_house.py"], cwd=ROOT, env=where, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            print(done.stdout[-3000:], file=sys.stderr)
        return page.read_text().splitlines() if page.exists() and not done.returncode else []


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deliveries", type=int, default=1_000)
    parser.add_argument("--only", nargs="*", default=NETWORKS, choices=NETWORKS)
    options = parser.parse_args()
    rows, missing = [], []
    for network in options.only:
        found = [line.split(" | ") for line in trial(network, options.deliveries)]
        rows += found
        missing += [] if found else [network]
    print(table(HEAD, [tuple(row) for row in rows]))
    print("\nNone stands there twice, and none is missing there or told otherwise than it is.")
    if missing:
        raise SystemExit(f"It failed, or its server is not here: {', '.join(missing)}.")


if __name__ == "__main__":
    main()
