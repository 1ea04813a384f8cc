"""From which page a part was asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict


def page_asking(request: HttpRequest | None) -> str:
    """The address, without host, of the page that asked for a part; empty where none is said, or what is no address."""
    htmx: Any = getattr(request, "htmx", None)
    try:
        return (htmx.current_url_abs_path or "") if htmx else ""
    except ValueError:  # no browser writes such an address
        return ""


def query_of_page(request: HttpRequest) -> QueryDict:
    """The query of that page."""
    return QueryDict(urlsplit(page_asking(request)).query, mutable=True)
