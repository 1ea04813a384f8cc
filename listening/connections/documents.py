"""Documents that networks show to anybody, for nobody's organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from listening import networks
from listening.connections.keeping import secret_for
from listening.networks.connecting import ShowsDocuments
from listening.networks.protocols import Access


def document_of(network: str, name: str) -> Mapping[str, Any] | None:
    """Return a document of this name, if the network has one; it is made of our address and secrets alone."""
    found = networks.get(network)
    if not isinstance(found, ShowsDocuments):
        return None
    return found.document(Access(site=settings.SITE_URL, secret_for=secret_for), name)
