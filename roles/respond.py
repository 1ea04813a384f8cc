"""Answer a page or a part of it, whichever was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import get_script_prefix, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from roles import clock
from roles.models import Member, Organization
from roles.names import is_one_line
from roles.permissions import CAPABILITIES, NotAllowed, decide
from roles.typed import typed, written_at

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request inside an organization, with what the middleware found out about it."""

    organization: Organization
    member: Member
    htmx: HtmxDetails


@dataclass(frozen=True)
class Undo:
    """The real form behind an Undo button: where it posts and what."""

    url: str
    label: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def acting(request: MemberRequest) -> dict[str, Any]:
    """Who acts and when, as actions are told it."""
    return {"by": request.member, "at": clock.now()}


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    part: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the page, or only its partial `part` where htmx asked for one (boosts and history get the page)."""
    name = f"{template}#{part}" if part and wants_part(request) else template
    response = render(request, name, dict(context or {}), status=status)
    response.headers.setdefault("Vary", "HX-Request")
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page, so that a view need not read what the rest shows."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def done(
    request: HttpRequest,
    message: str,
    *,
    to: str,
    undo: Undo | None = None,
    template: str = "",
    context: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Answer a write that worked: the flash, and either the “what changed” template (htmx) or a redirect to `to`."""
    tags = {"undo": undo} if undo else {}
    if getattr(request, "htmx", None) and template:
        return render(request, template, {"flash": {"message": message, "level": "success", **tags}, **(context or {})})
    flash(request, messages.SUCCESS, message, undo)
    if getattr(request, "htmx", None):
        response = HttpResponse(status=204)
        # Loaded whole: asked for by htmx it would come as its part, without the house around it.
        response.headers["HX-Redirect"] = to
        return response
    return HttpResponseRedirect(to)


def refused(request: HttpRequest, reason: str, *, to: str, status: int = 409) -> HttpResponse:
    """Answer a write that could not be done: the reason is shown where people look, and nothing typed is lost."""
    if getattr(request, "htmx", None):
        context = {"flash": {"message": reason, "level": "error"}}
        response = render(request, "components/flash_only.html", context, status=status)
        response.headers["HX-Retarget"] = "#flash"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    if words := typed(request):
        said = {"reason": reason, "typed": words, "written_at": written_at(request), "back_url": to}
        return render(request, "refused.html", said, status=status)
    flash(request, messages.ERROR, reason)
    return HttpResponseRedirect(to)


def refused_by(request: HttpRequest, problem: Exception, *, to: str) -> HttpResponse:
    """Answer a write whose action refused it: what was raised says why, and which kind of “no” it is."""
    if isinstance(problem, ValidationError):
        return refused(request, " ".join(problem.messages), to=to, status=422)
    return refused(request, str(problem), to=to, status=403 if isinstance(problem, PermissionDenied) else 409)


def flash(request: HttpRequest, level: int, message: str, undo: Undo | None = None) -> None:
    """Keep a message, and the way to undo it, for the next page."""
    extra = json.dumps({"url": undo.url, "label": undo.label, "fields": dict(undo.fields)}) if undo else ""
    messages.add_message(request, level, message, extra_tags=extra)


def flashes(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the kept messages as the flash part wants them: message, level and, where there is one, undo."""
    return [
        {"message": str(message), "level": message.level_tag, "undo": _undo_in(message.extra_tags)}
        for message in messages.get_messages(request)
    ]


def _undo_in(tags: str | None) -> Undo | None:
    try:
        return Undo(**json.loads(tags or ""))
    except (ValueError, TypeError):  # a message of a package, with tags of its own
        return None


def back_to(request: HttpRequest, fallback: str) -> str:
    """Return the page that the form, or the way to it, named in `next`, if it is one of ours, else the fallback."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and here else fallback


# Fields of forms that hold a name; a prefix tells rows apart.
NAME = re.compile(r"(^|-)name$")


def _only_storable(request: HttpRequest) -> None:
    """Refuse what no keyboard writes: the letter that the database cannot hold, and names of several lines."""
    said = (value for fields in (request.GET, request.POST) for _name, values in fields.lists() for value in values)
    if any("\x00" in value for value in said):
        raise BadRequest("A field contains a null character.")
    names = (value for field, values in request.POST.lists() if NAME.search(field) for value in values)
    if not all(is_one_line(value) for value in names):
        raise BadRequest("A name is one line of letters that can be seen.")


def may_open(member: Member, address: str) -> bool:
    """Whether a page inside the organization, by its address without host, is open to a member."""
    path = urlsplit(address).path.removeprefix(get_script_prefix())
    return bool(decide(member, resolve(f"/{path}").func.capability))  # type: ignore[attr-defined]


def needs(
    capability: str,
) -> Callable[
    [Callable[Concatenate[MemberRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Let only members with the capability see the view; 403 with the reason for the others."""
    if capability not in CAPABILITIES:
        raise LookupError(f"There is no capability {capability!r}.")

    def decorate(
        view: Callable[Concatenate[MemberRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            member = getattr(request, "member", None)
            if member is None:
                from django.http import Http404

                raise Http404
            if not (decision := decide(member, capability)):
                raise NotAllowed(decision)
            _only_storable(request)
            return view(cast(MemberRequest, request), *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate
