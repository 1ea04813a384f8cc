"""Connections: what can be connected, what is, how each fares, and what goes through it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening import networks as installed
from listening.actions import connections as actions
from listening.actions import sign_ins
from listening.connection_forms import BudgetForm, ConnectForm, RenameConnectionForm, UseConnectionForm
from listening.connections.money import charge_of, in_dollars, thousandths_of
from listening.connections.words import can_speak, connectable, limit_words, of, offer_of, way_of, without_connection
from listening.models import Connection, RateLimit
from listening.networks.connecting import Way
from listening.networks.limits import MONEY
from listening.translating import translated
from roles import clock
from roles.respond import MemberRequest, acting, done, needs, page, refused, refused_by

MOST_SHOWN = 200


@require_safe
@needs("listening.manage_connections")
def connections(request: MemberRequest) -> HttpResponse:
    """All connections: how each fares and what goes through it."""
    rows = list(Connection.objects.mended_first().with_what_they_serve()[: MOST_SHOWN + 1])
    context = {
        "connections": rows[:MOST_SHOWN],
        "is_more": len(rows) > MOST_SHOWN,
        "at": clock.now(),
        "without": without_connection(),
    }
    return page(request, "listening/connections.html", context, part="list")


@require_safe
@needs("listening.manage_connections")
def networks(request: MemberRequest) -> HttpResponse:
    """What can be connected: every installed network, what it can do, how it is connected, what it costs."""
    return page(request, "listening/networks.html", {"networks": connectable()})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_connections")
def connect(request: MemberRequest, network: str, way: str) -> HttpResponse:
    """Connect by one way: type what is asked, or go to the network and sign in there."""
    chosen = _way(network, way)
    found = of(installed.get(network))
    form = ConnectForm(request.POST or None, network=found, way=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            if chosen.signs_in:
                said = {"network": network, "way": way, "filled": form.filled, **form.wishes}
                return _lead(request, sign_ins.begin_sign_in(request.organization, **said, **acting(request)), found)
            made = actions.connect(
                request.organization, network=network, way=way, filled=form.filled, **form.wishes, **acting(request)
            )
        except ValidationError as problem:
            form.refuse(problem)
        else:
            to = reverse("listening:connection", args=[made.pk])
            return done(request, _("“%s” is connected.") % made, to=to)
    context = {"form": form, "network": found, "chosen": chosen, "return_address": sign_ins.return_address()}
    return page(request, "listening/connect.html", context, status=422 if form.errors else 200)


def _way(network: str, way: str) -> Way:
    chosen = way_of(network, way)
    if chosen is None:
        raise Http404
    return chosen


def _lead(request: MemberRequest, address: str, network: object) -> HttpResponse:
    """Lead on to the network: no form of ours may, so it is a link that also opens by itself."""
    response = render(request, "listening/sign_in_there.html", {"address": address, "network": network})
    response.headers["Refresh"] = f"0; url={address}"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@needs("listening.manage_connections")
def connection(request: MemberRequest, pk: int) -> HttpResponse:
    """One connection: how it fares, what goes through it, what it offers."""
    row = get_object_or_404(Connection.objects.with_what_they_serve(), pk=pk)
    using = UseConnectionForm(connection=row, may_speak=can_speak(row))
    context = {
        "connection": row,
        "at": clock.now(),
        "renaming": RenameConnectionForm(initial={"name": row.name}),
        "using": using if using.fields and not row.is_withdrawn else None,
        "ways": _ways(row),
        "limits": _shown(row.rates.exclude(bucket=MONEY).order_by("bucket", "policy"), at=clock.now()),
        "charge": charge_of(row, at=clock.now()),
        "budgeting": BudgetForm(initial={"budget": in_dollars(row.budget)}),
    }
    return page(request, "listening/connection.html", context, part="state")


@require_safe
@needs("listening.manage_connections")
def limits(request: MemberRequest) -> HttpResponse:
    """What is left of all networks' limits, by connection, and by server where nobody is signed in."""
    rows = RateLimit.objects.in_use().select_related("connection")
    ordered = rows.order_by("connection__name", "connection_id", "host", "bucket", "policy")
    shown = _shown(ordered[:MOST_SHOWN], at=clock.now())
    return page(request, "listening/limits.html", {"limits": shown})


def _shown(rows: Iterable[RateLimit], *, at: datetime) -> list[dict[str, Any]]:
    return [
        {"row": row, "left": (left := row.left(at)), "is_money": row.bucket == MONEY, "opens_at": row.opens_at(at),
         "full_at": None if row.is_full_again(at) or left == row.most else row.resets_at,
         "words": limit_words(row.bucket)}
        for row in rows
    ]  # fmt: skip


def _ways(row: Connection) -> tuple[Way, ...]:
    offer = offer_of(installed.get(row.network)) if installed.is_installed(row.network) else None
    return offer.ways if offer is not None else ()


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_connections")
def reconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """Connect the same account again, by the way that it was connected or another."""
    row = get_object_or_404(Connection, pk=pk)
    chosen = way_of(row.network, request.GET.get("way", "")) or _way(row.network, row.way)
    found = of(installed.get(row.network))
    form = ConnectForm(request.POST or None, network=found, way=chosen, connection=row)
    # A way that asks for nothing has an empty form.
    if request.method == "POST" and form.is_valid():
        try:
            if chosen.signs_in:
                said: dict[str, Any] = {"way": chosen.name, "filled": form.filled, "connection": row}
                said["network"] = row.network
                return _lead(request, sign_ins.begin_sign_in(request.organization, **said, **acting(request)), found)
            actions.reconnect(row, way=chosen.name, filled=form.filled, **acting(request))
        except ValidationError as problem:
            form.refuse(problem)
        else:
            return done(request, _("“%s” works again.") % row, to=reverse("listening:connection", args=[pk]))
    context = {"form": form, "network": found, "chosen": chosen, "connection": row}
    context["return_address"] = sign_ins.return_address()
    return page(request, "listening/connect.html", context, status=422 if form.errors else 200)


@require_POST
@needs("listening.manage_connections")
def use_connection(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer as its account, and listen to what it offers."""
    row = get_object_or_404(Connection.objects.with_what_they_serve(), pk=pk)
    to = reverse("listening:connection", args=[pk])
    form = UseConnectionForm(request.POST, connection=row, may_speak=can_speak(row))
    if not form.is_valid():
        return refused(request, _("Something was ticked that is not offered any more."), to=to)
    wishes: dict[str, Any] = {"speaks": False, **form.cleaned_data}
    try:
        actions.use_connection(row, **wishes, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("The sign-in is complete."), to=to)


@require_POST
@needs("listening.manage_connections")
def check_connection(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask the network now whether the credentials still work."""
    row = actions.check_connection(get_object_or_404(Connection, pk=pk), **acting(request))
    to = reverse("listening:connection", args=[pk])
    if row.problem:
        return refused(request, translated(row.problem), to=to)
    return done(request, _("The connection works."), to=to)


@require_POST
@needs("listening.manage_connections")
def rename_connection(request: MemberRequest, pk: int) -> HttpResponse:
    """Call it something else here."""
    row, to = get_object_or_404(Connection, pk=pk), reverse("listening:connection", args=[pk])
    form = RenameConnectionForm(request.POST)
    if not form.is_valid():
        return refused(request, _("A name has 1 to 200 characters."), to=to)
    actions.rename_connection(row, name=form.cleaned_data["name"], **acting(request))
    return done(request, _("Saved."), to=to)


@require_POST
@needs("listening.manage_connections")
def set_budget(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what may be spent in a month."""
    row, to = get_object_or_404(Connection, pk=pk), reverse("listening:connection", args=[pk])
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return refused(request, _("A budget is a sum in dollars, such as 10 or 12.50."), to=to)
    try:
        actions.set_budget(row, budget=thousandths_of(form.cleaned_data["budget"]) or 0, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("Saved."), to=to)


@require_POST
@needs("listening.manage_connections")
def disconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """Forget the credentials; what goes through it stops."""
    row = get_object_or_404(Connection, pk=pk)
    is_gone = actions.disconnect(row, **acting(request))
    to = reverse("listening:connections") if is_gone else reverse("listening:connection", args=[pk])
    return done(request, _("“%s” is disconnected; its credentials are forgotten.") % row, to=to)
