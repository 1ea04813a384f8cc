"""WordPress sites: their comments are read and answered, and posts are published there."""

from listening.networks.wordpress.network import WordPress

network = WordPress()
