"""What pages behind the link of a mail have in common, whatever it asks about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from engagement.refusals import Refusal


def shown(request: HttpRequest, template: str, context: Mapping[str, Any] | None = None) -> HttpResponse:
    """Draw what the link opens, or, without a context, that it opens nothing; no search engine keeps it."""
    status = 404 if context is None else 409 if context.get("problem") else 200
    response = render(request, template, {"is_found": context is not None, **(context or {})}, status=status)
    # Told to no other place, but to our own form: without any a browser says that the form comes from nowhere.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def answered(request: HttpRequest, act: Callable[[], str]) -> dict[str, str]:
    """Do what the form says, if one was sent: what was `said` of it, or the `problem` that stood against it."""
    if request.method != "POST":
        return {"said": "", "problem": ""}
    try:
        return {"said": act(), "problem": ""}
    except (Refusal, PermissionDenied) as refusal:
        return {"said": "", "problem": str(refusal)}
    except ValidationError as refusal:
        return {"said": "", "problem": " ".join(refusal.messages)}


def reason_in(request: HttpRequest) -> str:
    """What somebody wants different."""
    return request.POST.get("reason", "").replace("\x00", "")
