"""What every answer carries beyond what its page says, and a method that nobody needs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing here asks a browser for any of these; what a page might be made to ask for it does not get.
PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
# Never the cookies: that would reach those of every other name of the same domain. Nor what is stored: text that was
# not sent may lie there and nowhere else, under the key of whoever wrote it.
FORGOTTEN = '"cache"'


def headers_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say how long an answer may be kept, what it may use, and to forget pages when somebody signs out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":
            return HttpResponse(status=405)
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            # A page may be shown again when one goes back: what was typed is still in it.
            once = request.path_info.startswith(("/api/", "/accounts/"))
            response.headers["Cache-Control"] = "no-store" if once else "private, no-cache"
        if getattr(request, "has_signed_out", False):
            response.headers["Clear-Site-Data"] = FORGOTTEN
        return response

    return middleware
