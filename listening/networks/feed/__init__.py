"""Feeds: RSS, Atom, RDF and JSON Feed."""

from listening.networks.feed.client import Feed

network = Feed()
