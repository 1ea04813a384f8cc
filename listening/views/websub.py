"""Where hubs call: whoever knows the address and the secret is heard, nobody else learns anything."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from listening.models import Source, Subscription
from listening.websub import housekeeping, receiving, subscribing
from roles import clock
from roles.tenancy import acting_for


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def websub(request: HttpRequest, key: str) -> HttpResponse:
    """Confirm a subscription that we asked for, or keep what a hub sends; 404 for any other caller."""
    row = housekeeping.by_key(key)
    if row is None:
        return HttpResponseNotFound(content_type="text/plain")
    with acting_for(row.organization):
        return _take(request, row) if request.method == "POST" else _confirm(request, row)


def _confirm(request: HttpRequest, row: Subscription) -> HttpResponse:
    said = request.GET
    meant = subscribing.confirm(
        row,
        mode=said.get("hub.mode", ""),
        topic=said.get("hub.topic", ""),
        lease=said.get("hub.lease_seconds", ""),
        reason=said.get("hub.reason", ""),
        at=clock.now(),
    )
    if not meant:
        return HttpResponseNotFound(content_type="text/plain")
    return HttpResponse(said.get("hub.challenge", "")[:1000], content_type="text/plain")


def _take(request: HttpRequest, row: Subscription) -> HttpResponse:
    if row.source.state != Source.State.ACTIVE:
        return HttpResponse(status=410)  # the hub ends the subscription by itself
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > receiving.LARGEST:
        return HttpResponse(status=413)
    body = request.read(receiving.LARGEST)
    if not receiving.is_signed(row, body, request.headers.get("X-Hub-Signature", "")):
        receiving.count_forged(row)
        return HttpResponse(status=202)  # who guesses at secrets is not told whether one was right
    receiving.keep(row, body, content_type=request.headers.get("Content-Type", ""), at=clock.now())
    return HttpResponse(status=202)
