"""Pages for when something is wrong, in words; a part of a page gets the reason as a flash."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _answer(request: HttpRequest, status: int, reason: str, *, missing_url: str = "") -> HttpResponse:
    if getattr(request, "htmx", None):
        context = {"flash": {"message": reason, "level": "error"}}
        response = render(request, "components/flash_only.html", context, status=status)
        response.headers["HX-Retarget"] = "#flash"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return render(request, f"{status}.html", {"reason": reason, "missing_url": missing_url}, status=status)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A signed-in member may not: say why, and lead to what a level takes where that is what is missing."""
    reason = str(exception) or _("Your positions do not include this.")
    return _answer(request, 403, reason, missing_url=getattr(exception, "url", ""))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is nothing here, or nothing that this person may know of."""
    return _answer(request, 404, _("There is nothing at this address, or it is not yours to see."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or did not come from this site."""
    return _answer(
        request, 403, _("This form has expired. Go back, reload the page and send it again; what you typed is kept.")
    )
