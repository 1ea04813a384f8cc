"""Questions to the booth: asked beside an assignment, answered on a page of one's own or behind the link of a mail."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import housekeeping
from engagement.actions import consults as actions
from engagement.consult_forms import AnswerForm, ConsultForm, ConsultPolicyForm
from engagement.consult_mail import what_is_shown
from engagement.consult_tokens import read_link_token
from engagement.models import Assignment, Consult, ConsultRequest
from engagement.refusals import Refusal
from roles import clock
from roles.forms import refusals_in, take_over
from roles.keys import key_in
from roles.limits import limited
from roles.permissions import decide, require
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.tenancy import answering_for
from roles.wording import listed

PER_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.consult")
def consult(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a question about an assignment to the booth; what they will see of the mention stands below the form."""
    member = request.member
    row = get_object_or_404(Assignment.objects.with_mentions().visible_to(member), pk=pk)
    require(member, "engagement.consult", row)
    here = reverse("engagement:assignment", args=[pk])
    form = ConsultForm(request.POST or None, assignment=row, by=member, at=clock.now())
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.consult(row, **form.cleaned_data, **acting(request))
        except Refusal as problem:
            return refused_by(request, problem, to=here)
        except ValidationError as problem:
            take_over(form, problem)
        else:
            names = listed(asked.member for asked in made.requests.select_related("member__user"))
            return done(request, _("Asked: %(names)s. The answer comes beside your draft.") % {"names": names}, to=here)
    context = {"form": form, "back_url": here, "policy": actions.policy(), **what_is_shown(row)}
    return page(request, "engagement/consult_form.html", context, status=422 if form.errors else 200)


@require_safe
@needs("engagement.answer_consult")
def my_consults(request: MemberRequest) -> HttpResponse:
    """What was asked of the member: what waits, then what is done, the newest first."""
    member = request.member
    answered = request.GET.get("tab") == "answered"
    rows = ConsultRequest.objects.of(member)
    rows = rows.filter(state=ConsultRequest.State.ANSWERED) if answered else rows.open()
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows.with_everything().order_by("-pk")[: PER_PAGE + 1])
    context = {
        "requests": shown[:PER_PAGE],
        "older": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "answered": answered,
    }
    return page(request, "engagement/my_consults.html", context, part="list")


@require_safe
@needs("engagement.answer_consult")
def consult_request(request: MemberRequest, pk: int) -> HttpResponse:
    """One question that was put to the member, with the box for the answer."""
    row = _asked_of(request, pk)
    return page(request, "engagement/consult_request.html", _context(row, AnswerForm(initial={"text": row.answer})))


@require_POST
@needs("engagement.answer_consult")
def answer_consult(request: MemberRequest, pk: int) -> HttpResponse:
    """Answer, or correct the answer."""
    row = _asked_of(request, pk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            actions.answer_consult(row, text=form.cleaned_data["text"], **acting(request))
        except Refusal as problem:
            return refused_by(request, problem, to=reverse("engagement:consult_request", args=[pk]))
        except ValidationError as problem:
            take_over(form, problem)
        else:
            return done(request, _("Thank you. Your answer is there."), to=reverse("engagement:my_consults"))
    return page(request, "engagement/consult_request.html", _context(row, form), status=422)


def _asked_of(request: MemberRequest, pk: int) -> ConsultRequest:
    member = request.member
    return get_object_or_404(ConsultRequest.objects.of(member).with_everything(), pk=pk)


def _context(row: ConsultRequest, form: AnswerForm) -> dict[str, Any]:
    return {
        "asked": row,
        "consult": row.consult,
        "form": form,
        "is_open": row.can_be_answered(clock.now()),
        **what_is_shown(row.consult.assignment),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("consult-link", most=60, seconds=600)
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Answer one question from its mail: the signed link is the key; to open it changes nothing."""
    ended = False
    try:
        row = housekeeping.request_of_link(*read_link_token(token))
    except signing.SignatureExpired:
        row, ended = None, True
    except (signing.BadSignature, ValueError, TypeError):
        row = None
    if row is None:
        return _private(render(request, "engagement/answer_by_link.html", {"is_ended": ended}, status=404))
    with answering_for(row.organization):
        return _private(_answered_by_link(request, row))


def _answered_by_link(request: HttpRequest, row: ConsultRequest) -> HttpResponse:
    form = AnswerForm(request.POST or None, initial={"text": row.answer})
    said = False
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"].replace("\x00", "")
        with refusals_in(form, Refusal, PermissionDenied):
            row = actions.answer_consult(row, text=text, way=ConsultRequest.Way.LINK, by=row.member, at=clock.now())
            said = True
    context = _context(row, form) | {"said": said}
    if said:
        context["form"] = AnswerForm(initial={"text": row.answer})
    status = 422 if form.errors else 200
    return render(request, "engagement/answer_by_link.html", context, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    # Told to no other place, but to our own form: without any a browser says that the form comes from nowhere.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@needs("engagement.read_consults")
def consults(request: MemberRequest) -> HttpResponse:
    """All questions to the booth: those that wait, the oldest first, or all, the newest first."""
    member = request.member
    everything = request.GET.get("tab") == "all"
    rows = Consult.objects.visible_to(member)
    at = key_in(request.GET.get("at", ""))
    if everything:
        rows = (rows.filter(pk__lt=at) if at else rows).order_by("-pk")
    else:
        rows = rows.waiting()
        rows = (rows.filter(pk__gt=at) if at else rows).order_by("pk")
    shown = list(rows.with_everything()[: PER_PAGE + 1])
    context = {
        "consults": shown[:PER_PAGE],
        "next": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "everything": everything,
        "may_manage": decide(member, "engagement.manage_consults"),
    }
    return page(request, "engagement/consults.html", context, part="list")


@require_POST
@needs("engagement.consult")
def close_consult(request: MemberRequest, pk: int) -> HttpResponse:
    """End a question; nobody is waited for any more."""
    member = request.member
    row = get_object_or_404(Consult.objects.visible_to(member).select_related("assignment"), pk=pk)
    to = reverse("engagement:assignment", args=[row.assignment_id])
    try:
        actions.close_consult(row, **acting(request))
    except PermissionDenied as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("The question is closed."), to=to)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("engagement.manage_consults")
def set_consult_policy(request: MemberRequest) -> HttpResponse:
    """Say when people are reminded and replaced."""
    now = actions.policy()
    initial = {name: getattr(now, name) for name in ConsultPolicyForm.base_fields}
    form = ConsultPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        organization = getattr(request, "organization", None)
        if organization is None:
            raise Http404
        with refusals_in(form):
            actions.set_consult_policy(organization, **form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("engagement:consults"))
    return page(request, "engagement/consult_policy.html", {"form": form}, status=422 if form.errors else 200)
