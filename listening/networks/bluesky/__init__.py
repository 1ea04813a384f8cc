"""Bluesky, and other networks on the AT Protocol."""

from listening.networks.bluesky.network import Bluesky

network = Bluesky()
