"""How a line of the log is written: when, what, by whom, from where, and nothing that somebody wrote."""

from __future__ import annotations

import logging
import re
import time

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

# What would begin another line, or tell a terminal something.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# A part of an address that is so long may be a key.
KEY = re.compile(r"[^/]{20,}")


class Line(logging.Formatter):
    """One line for each message, beginning with the moment in UTC; what follows of a fault is indented."""

    converter = time.gmtime  # type: ignore[assignment]
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - so it is called there
        record.message = UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        return "    " + super().formatException(ei).replace("\n", "\n    ")  # type: ignore[arg-type]


class NamedByRoute(logging.Filter):
    """Tells of a refused or failed request which route it took, never the keys in its address, and whose it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Write the record anew where it tells of a request."""
        # Read when it is needed: the log is set up before anything of ours can be imported.
        from roles.limits import address_of

        request, status = getattr(record, "request", None), getattr(record, "status_code", None)
        if isinstance(request, HttpRequest) and status is not None:
            record.msg = "%s %s %s by %s from %s"
            record.args = (status, request.method, _route(request), _who(request), address_of(request) or "nowhere")
        return True


def _route(request: HttpRequest) -> str:
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}".replace("/^", "/").removesuffix("$")
    return KEY.sub("…", request.path)


def _who(request: HttpRequest) -> str:
    if (member := getattr(request, "member", None)) is not None:
        return f"member {member.pk}"
    # Never asked for here: the database may be what failed.
    user = request.__dict__.get("_cached_user") if _is_lazy(request) else request.__dict__.get("user")
    return "nobody" if user is None or user.pk is None else f"user {user.pk}"


def _is_lazy(request: HttpRequest) -> bool:
    return isinstance(request.__dict__.get("user"), SimpleLazyObject)
