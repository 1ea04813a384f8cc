"""Fetches the servers that the tests of the networks need: what a folder's `server.py` names as `install`.

Nothing but a folder of its own is written, and what cannot be fetched here is left out, with the reason.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("NETWORK_SERVERS") or HERE.parents[1] / "var" / "network-servers")


def main() -> None:
    """Fetch what is missing."""
    for found in sorted(HERE.glob("*/server.py")):
        module = import_module(f"tests.networks.{found.parent.name}.server")
        try:
            module.install(FOLDER)
        except Exception as problem:
            print(f"{found.parent.name}: left out, {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
