"""Where one is told besides by mail."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import notices as actions
from listening.models import Notice, NoticeAddress
from listening.notice_forms import NoticeAddressForm
from roles.forms import refusals_in
from roles.notice_kinds import notice_kinds
from roles.respond import MemberRequest, acting, done, needs, page

LOG_SHOWN = 30


@require_safe
@needs("listening.choose_notices")
def notices(request: MemberRequest) -> HttpResponse:
    """One's own addresses, and what was told lately."""
    rows = NoticeAddress.objects.filter(member=request.member).order_by("name")
    told = Notice.objects.filter(address__member=request.member).select_related("address").order_by("-pk")
    words = dict(notice_kinds())
    addresses = [(row, [words.get(kind, kind) for kind in row.kinds]) for row in rows]
    return page(request, "listening/notices.html", {"addresses": addresses, "told": told[:LOG_SHOWN]}, part="list")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.choose_notices")
def add_notice_address(request: MemberRequest) -> HttpResponse:
    """Be told at another address."""
    form = NoticeAddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.add_notice_address(request.member, **form.cleaned_data, **acting(request))
            return done(request, _("Saved. Try whether it arrives."), to=reverse("listening:notices"))
    return _form_page(request, form, _("Be told at another address"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.choose_notices")
def change_notice_address(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what one is told there and when."""
    row = _own(request, pk)
    form = NoticeAddressForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            actions.change_notice_address(row, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("listening:notices"))
    return _form_page(request, form, str(row))


@require_POST
@needs("listening.choose_notices")
def try_notice_address(request: MemberRequest, pk: int) -> HttpResponse:
    """Send a test there."""
    actions.try_notice_address(_own(request, pk), **acting(request))
    return done(request, _("A test is on its way."), to=reverse("listening:notices"))


@require_POST
@needs("listening.choose_notices")
def remove_notice_address(request: MemberRequest, pk: int) -> HttpResponse:
    """Tell nothing more there."""
    actions.remove_notice_address(_own(request, pk), **acting(request))
    return done(request, _("Nothing more is told there."), to=reverse("listening:notices"))


def _form_page(request: MemberRequest, form: NoticeAddressForm, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "back_url": reverse("listening:notices"), "back_label": _("Notices")}
    return page(request, "listening/form.html", context, status=422 if form.errors else 200)


def _own(request: MemberRequest, pk: int) -> NoticeAddress:
    return get_object_or_404(NoticeAddress.objects.select_related("member"), pk=pk, member=request.member)
