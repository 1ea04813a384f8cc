"""The promises, asked of every built-in network; or of the one that `--network` names."""

from __future__ import annotations

from tests.networks.conformance.promises import Promises


class TestPromises(Promises):
    """Each promise of each network."""
