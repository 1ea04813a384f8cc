"""Pages travel compressed: words do, what is packed already does not.

Whoever reads what is sent could guess a secret by how well it packs beside words of their own (the BREACH attack):
Django puts a name of random length into each answer against that, and masks what guards a form anew for each page.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# As types begin; pictures, films and paper are packed by their nature.
WORDS = ("text/", "application/json", "application/atom+xml", "application/vnd.oai.openapi", "image/svg+xml")


class CompressionMiddleware(GZipMiddleware):
    """Compresses what is made of words, for whoever asks for it compressed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(WORDS):
            return response
        return super().process_response(request, response)
