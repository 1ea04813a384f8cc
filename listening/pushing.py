"""Which networks tell by themselves what happens at a source, once a person has set that up there."""

from __future__ import annotations

from collections.abc import Sequence

from listening import networks
from listening.models import Source
from listening.networks.pushes import TakesPushes
from listening.translating import translated


def steps_to_push(source: Source) -> Sequence[str]:
    """What a person does at the network so that it tells by itself what happens at a source; none where it cannot."""
    network: object = networks.get(source.network) if networks.is_installed(source.network) else None
    return tuple(map(translated, network.push_steps(source.place))) if isinstance(network, TakesPushes) else ()
