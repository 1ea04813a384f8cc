"""Pages for when something is wrong, in words; a part of a page gets the reason as a flash."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from roles.typed import typed, written_at


def _answer(request: HttpRequest, status: int, reason: str, *, missing_url: str = "") -> HttpResponse:
    if getattr(request, "htmx", None):
        context = {"flash": {"message": reason, "level": "error"}}
        response = render(request, "components/flash_only.html", context, status=status)
        response.headers["HX-Retarget"] = "#flash"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    said = {"reason": reason, "missing_url": missing_url, "typed": typed(request), "written_at": written_at(request)}
    return render(request, f"{status}.html", said, status=status)


def signed_out(request: HttpRequest) -> HttpResponse:
    """Somebody is not signed in, or not any more: led to where they sign in, or shown what they wrote meanwhile."""
    if getattr(request, "htmx", None):
        return _answer(
            request, 403, _("You are not signed in any more. Sign in in another window, then try again here.")
        )
    if not (words := typed(request)):
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
    back = QueryDict(mutable=True)
    back["next"] = written_at(request) or "/"
    sign_in_url = f"{resolve_url(settings.LOGIN_URL)}?{back.urlencode(safe='/')}"
    return render(request, "signed_out.html", {"typed": words, "sign_in_url": sign_in_url}, status=403)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A signed-in member may not: say why, and lead to what a level takes where that is what is missing."""
    reason = str(exception) or _("Your positions do not include this.")
    return _answer(request, 403, reason, missing_url=getattr(exception, "url", ""))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is nothing here, or nothing that this person may know of; a program is told in its own way."""
    if request.path_info.startswith("/api/"):
        said = {"type": "about:blank", "title": "Not found", "status": 404, "detail": _("There is no such address.")}
        return JsonResponse(said, status=404, content_type="application/problem+json")
    return _answer(request, 404, _("There is nothing at this address, or it is not yours to see."))


def too_often(request: HttpRequest) -> HttpResponse:
    """More pages in a minute than a person opens: wait, and what was typed is there to be copied."""
    response = _answer(request, 429, _("That was too often. Wait a minute, then try again; nothing was changed."))
    response.headers["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or did not come from this site."""
    return _answer(
        request, 403, _("This form has expired. Go back, reload the page and send it again; what you typed is kept.")
    )
