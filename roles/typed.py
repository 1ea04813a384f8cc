"""What somebody wrote into a form that was not taken: it is shown again, so that nothing they typed is lost."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest

# Shorter, in one piece and in plain letters it was chosen, or is typed again as quickly as copied.
CHOSEN = 60


def typed(request: HttpRequest) -> list[str]:
    """The words that were written, in the order of the form; none where another site sent it."""
    if request.method != "POST" or not _is_from_here(request):
        return []
    return [
        text
        for name, texts in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", "next"} and "password" not in name
        for text in texts
        if _is_written(text.strip())
    ]


def written_at(request: HttpRequest) -> str:
    """The page on which it was written, where the browser says so; a form is often sent to another address."""
    page = urlsplit(request.headers.get("Referer", ""))
    return page._replace(scheme="", netloc="").geturl() if page.netloc == request.get_host() else ""


def _is_written(text: str) -> bool:
    return len(text) > CHOSEN or len(text.split()) > 1 or not text.isascii()


def _is_from_here(request: HttpRequest) -> bool:
    # What another site sends is nothing that was typed here, and must not be read on a page of ours.
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(sender).netloc == request.get_host()
