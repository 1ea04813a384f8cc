"""Webhooks: the list, one's mapping or log, and the address that programs call."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import webhooks as actions
from listening.models import InboundBody, InboundWebhook, OutboundEvent, OutboundWebhook, Source
from listening.networks.webhook.explaining import explain, paths_in
from listening.networks.webhook.mapping import FIELDS, Mapped, Unmapped, map_body
from listening.pushing import steps_to_push
from listening.translating import translated
from listening.webhook_forms import InboundWebhookForm, MappingForm, OutboundWebhookForm, rows_of
from listening.webhooks import housekeeping, receiving
from roles import clock
from roles.forms import refusals_in
from roles.keys import key_in
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.tenancy import acting_for

LOG_SHOWN, POSTS_SHOWN, BODY_SHOWN = 50, 5, 4000


@require_safe
@needs("listening.manage_webhooks")
def webhooks(request: MemberRequest) -> HttpResponse:
    """What sends to us, and what we tell."""
    context = {
        "inbound": InboundWebhook.objects.select_related("source__department").order_by("source__name"),
        "outbound": OutboundWebhook.objects.order_by("name"),
    }
    return page(request, "listening/webhooks.html", context, part="list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_webhooks")
def add_inbound_webhook(request: MemberRequest) -> HttpResponse:
    """Open an address that a program can send to."""
    form = InboundWebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row, secret = actions.add_inbound_webhook(**form.cleaned_data, **acting(request))
            return _inbound_page(request, row, MappingForm(row=row), secret=secret)
    return _form_page(request, form, _("Let a program send posts"))


def _form_page(request: MemberRequest, form: forms.Form, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "back_url": reverse("listening:webhooks"), "back_label": _("Webhooks")}
    return page(request, "listening/form.html", context, status=422 if form.errors else 200)


@require_POST
@needs("listening.manage_webhooks")
def open_address(request: MemberRequest, pk: int) -> HttpResponse:
    """Open an address at which a source's own server tells us what happens."""
    source = get_object_or_404(Source.objects.select_related("department"), pk=pk)
    try:
        row, secret = actions.open_address(source, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:source", args=[pk]))
    return _inbound_page(request, row, MappingForm(row=row), secret=secret)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_webhooks")
def inbound_webhook(request: MemberRequest, pk: int) -> HttpResponse:
    """One inbound webhook: its address, its mapping, and what came last as the mapping reads it."""
    row = _inbound(pk)
    form = MappingForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        if "try" in request.POST:
            return _tried(request, row, form)
        with refusals_in(form):
            actions.map_inbound_webhook(row, mapping=form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("listening:inbound_webhook", args=[pk]))
    return _inbound_page(request, row, form)


def _inbound(pk: int) -> InboundWebhook:
    return get_object_or_404(InboundWebhook.objects.select_related("source__department"), pk=pk)


def _inbound_page(
    request: MemberRequest,
    row: InboundWebhook,
    form: MappingForm,
    *,
    mapping: dict[str, str] | None = None,
    secret: str = "",
) -> HttpResponse:
    last, bodies = _last_of(row), InboundBody.objects.filter(webhook=row)
    context = {
        "webhook": row,
        "form": form,
        "address": f"{settings.SITE_URL}/hooks/{row.key}/",
        "secret": secret,
        "last": last,
        "last_text": _shown(last) if last else "",
        "steps": steps_to_push(row.source),
        **_read_by(last, mapping or {**FIELDS, **row.mapping}, form),
        "unread": bodies.filter(is_unread=True).count(),
        **_log_of(request, bodies.defer("body")),
        "at": clock.now(),
    }
    response = page(request, "listening/inbound_webhook.html", context, status=422 if form.errors else 200)
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response


def _log_of(request: MemberRequest, rows: QuerySet[Any]) -> dict[str, Any]:
    """A part of a log, the newest first, and the key to go on from."""
    before = key_in(request.GET.get("before", ""))
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: LOG_SHOWN + 1])
    return {"log": found[:LOG_SHOWN], "older": found[LOG_SHOWN - 1].pk if len(found) > LOG_SHOWN else None}


def _last_of(row: InboundWebhook) -> InboundBody | None:
    """What came last, if its words are still here: of what was taken in long ago only the line in the log is."""
    return None if row.is_pushed else InboundBody.objects.filter(webhook=row).exclude(body=b"").order_by("-pk").first()


def _read_by(last: InboundBody | None, mapping: dict[str, str], form: MappingForm) -> dict[str, Any]:
    """What a mapping makes of a body: its mentions, what each expression finds, and what could be found there."""
    if last is None:
        return {"posts": (), "problems": (), "rows": rows_of(form, {}), "paths": ()}
    body = bytes(last.body)
    problem, mapped = "", Mapped(())
    try:
        mapped = map_body(body, mapping)
    except Unmapped as reason:
        problem = translated(reason)
    return {
        "posts": mapped.posts[:POSTS_SHOWN],
        "problems": [problem] if problem else tuple(map(translated, mapped.problems)),
        "rows": rows_of(form, explain(body, mapping)),
        "paths": paths_in(body, mapping.get("posts", "")),
    }


def _tried(request: MemberRequest, row: InboundWebhook, form: MappingForm) -> HttpResponse:
    """Show what a mapping would find, without keeping it; while one types, nothing but that."""
    if not getattr(request, "htmx", None):
        return _inbound_page(request, row, form, mapping=form.cleaned_data)
    return page(request, "listening/_mapped.html", _read_by(_last_of(row), form.cleaned_data, form) | {"again": True})


def _shown(body: InboundBody) -> str:
    """A body as a person reads it: laid out if it is JSON, and not too much of it."""
    try:
        text = json.dumps(json.loads(bytes(body.body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = bytes(body.body).decode("utf-8", "replace")
    return text if len(text) <= BODY_SHOWN else text[:BODY_SHOWN] + " …"


@require_POST
@needs("listening.manage_webhooks")
def renew_inbound_secret(request: MemberRequest, pk: int) -> HttpResponse:
    """Make another secret and show it, this once."""
    row, secret = actions.renew_inbound_secret(_inbound(pk), is_signed=True, **acting(request))
    return _inbound_page(request, row, MappingForm(row=row), secret=secret)


@require_POST
@needs("listening.manage_webhooks")
def read_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Read once more what could not be read."""
    count = actions.read_again(_inbound(pk), **acting(request))
    words = ngettext("%(count)s message is read once more.", "%(count)s messages are read once more.", count)
    return done(request, words % {"count": count}, to=reverse("listening:inbound_webhook", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_webhooks")
def add_outbound_webhook(request: MemberRequest) -> HttpResponse:
    """Tell an address what happens here."""
    form = OutboundWebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            row, secret = actions.add_outbound_webhook(**form.cleaned_data, **acting(request))
            return _outbound_page(request, row, OutboundWebhookForm(row=row), secret=secret)
    return _form_page(request, form, _("Tell a program what happens"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_webhooks")
def outbound_webhook(request: MemberRequest, pk: int) -> HttpResponse:
    """One outbound webhook: what it is told, and how that went."""
    row = get_object_or_404(OutboundWebhook, pk=pk)
    form = OutboundWebhookForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_outbound_webhook(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("listening:outbound_webhook", args=[pk]))
    return _outbound_page(request, row, form)


def _outbound_page(
    request: MemberRequest, row: OutboundWebhook, form: OutboundWebhookForm, *, secret: str = ""
) -> HttpResponse:
    shown = _log_of(request, OutboundEvent.objects.filter(webhook=row))
    context = {
        "webhook": row,
        "form": form,
        "secret": secret,
        "events": [(event, _said_in(event)) for event in shown["log"]],
        "older": shown["older"],
        "at": clock.now(),
    }
    response = page(request, "listening/outbound_webhook.html", context, status=422 if form.errors else 200, part="log")
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response


def _said_in(event: OutboundEvent) -> str:
    """What an event says, as a person reads it; of a mention only which one, for its words are read when it is sent."""
    text = json.dumps(event.payload.get("data", {}), indent=2, ensure_ascii=False)
    return text if len(text) <= BODY_SHOWN else text[:BODY_SHOWN] + " …"


@require_POST
@needs("listening.manage_webhooks")
def renew_outbound_secret(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign with another secret and show it, this once."""
    row, secret = actions.renew_outbound_secret(get_object_or_404(OutboundWebhook, pk=pk), **acting(request))
    return _outbound_page(request, row, OutboundWebhookForm(row=row), secret=secret)


@require_POST
@needs("listening.manage_webhooks")
def try_webhook(request: MemberRequest, pk: int) -> HttpResponse:
    """Send a test event."""
    actions.try_webhook(get_object_or_404(OutboundWebhook, pk=pk), **acting(request))
    message = _("A test is on its way; the log will say how it went.")
    return done(request, message, to=reverse("listening:outbound_webhook", args=[pk]))


@require_POST
@needs("listening.manage_webhooks")
def remove_outbound_webhook(request: MemberRequest, pk: int) -> HttpResponse:
    """Tell it nothing more."""
    actions.remove_outbound_webhook(get_object_or_404(OutboundWebhook, pk=pk), **acting(request))
    return done(request, _("It is told nothing more."), to=reverse("listening:webhooks"))


@require_POST
@needs("listening.manage_webhooks")
def tell_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Try an event once more."""
    event = actions.tell_again(get_object_or_404(OutboundEvent, pk=pk), **acting(request))
    to = reverse("listening:outbound_webhook", args=[event.webhook_id])
    return done(request, _("It is tried once more."), to=to)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what a program sends; 404 for any other caller, 401 for a signature that does not fit."""
    row = housekeeping.by_key(key)
    if row is None:
        return HttpResponseNotFound(content_type="text/plain")
    with acting_for(row.organization):
        if row.source.state != Source.State.ACTIVE:
            return HttpResponse(status=410 if row.source.state == Source.State.CLOSED else 503)
        length = request.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > receiving.LARGEST:
            return HttpResponse(status=413)
        body, at = request.read(receiving.LARGEST), clock.now()
        told = _told(request)
        if not receiving.is_meant(row, told, body, at=at):
            receiving.count_forged(row)
            return HttpResponse(status=401)
        try:
            push = receiving.push_in(row, told)
            receiving.keep(row, body, key=push.key, event=push.event, at=at)
        except receiving.TooMany:
            return HttpResponse(status=429, headers={"Retry-After": "60"})
    return HttpResponse(status=202)


def _told(request: HttpRequest) -> dict[str, Any]:
    return {name.lower(): value for name, value in request.headers.items()}
