"""What somebody wrote into a form that was not taken: it is shown again, so that nothing they typed is lost."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

# Shorter, in one piece and in plain letters it was chosen, or is typed again as quickly as copied.
CHOSEN = 60
# What opens something is typed again and never shown: what a network asks for may be a secret of any name, and the
# addresses of rooms and of other programs hold keys.
_SECRET = re.compile(
    r"^asked_|password|passphrase|secret|token"
    r"|(^|[_-])(key|code|pin|otp|certificate|credential|address|url)(e?s)?\d*($|[_-])",
    re.IGNORECASE,
)


def typed(request: HttpRequest) -> list[str]:
    """The words that were written, in the order of the form; none where another site sent it."""
    if request.method != "POST" or not _is_from_here(request):
        return []
    try:
        fields = list(request.POST.lists())
    except (SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        # To read it may be what failed.
        return []
    return [
        text
        for name, texts in fields
        if name != "next" and not _SECRET.search(name)
        for text in texts
        if _is_written(text.strip())
    ]


def written_at(request: HttpRequest) -> str:
    """The page on which it was written, where the browser says so; a form is often sent to another address."""
    page = _place(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return ""
    # Two strokes at the beginning would be another host.
    return page._replace(scheme="", netloc="", path="/" + page.path.lstrip("/")).geturl()


def _is_written(text: str) -> bool:
    return len(text) > CHOSEN or len(text.split()) > 1 or not text.isascii()


def _is_from_here(request: HttpRequest) -> bool:
    # What another site sends is nothing that was typed here, and must not be read on a page of ours.
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    return _place(sender).netloc == request.get_host()


def _place(header: str) -> SplitResult:
    """What a header calls an address; nothing where it is none."""
    try:
        return urlsplit(header)
    except ValueError:
        return urlsplit("")
