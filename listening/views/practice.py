"""The practice field as its people see it: a small social network."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening.forms import PracticePostForm
from listening.models import PracticePost, PracticeScript
from listening.practice_field import actions, cast, opening
from roles import clock
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, acting, back_to, done, needs, page, refused_by

THREADS_ON_A_PAGE = 20


@require_safe
@needs("listening.practise")
def practice(request: MemberRequest) -> HttpResponse:
    """The newest threads, and a place to say something as one of the cast."""
    return _field(request, PracticePostForm(initial={"account": request.GET.get("as")}))


def _field(request: MemberRequest, form: PracticePostForm, *, status: int = 200) -> HttpResponse:
    roots = PracticePost.objects.filter(thread=None, removed_at=None).select_related("account").order_by("-pk")
    if before := key_in(request.GET.get("before", "")):
        roots = roots.filter(pk__lt=before)
    shown = list(roots[: THREADS_ON_A_PAGE + 1])
    context = {
        "threads": _with_replies(shown[:THREADS_ON_A_PAGE]),
        "older": shown[THREADS_ON_A_PAGE - 1].pk if len(shown) > THREADS_ON_A_PAGE else None,
        "form": form,
        "script": PracticeScript.objects.first(),
        "lines": len(cast.SCRIPT),
        "is_open": opening.is_open(),
        "may_open": decide(request.member, "listening.manage_sources"),
    }
    return page(request, "listening/practice.html", context, part="threads", status=status)


def _with_replies(roots: list[PracticePost]) -> list[dict[str, Any]]:
    replies: defaultdict[int, list[PracticePost]] = defaultdict(list)
    below = PracticePost.objects.filter(thread__in=roots, removed_at=None)
    for reply in below.select_related("account", "in_reply_to__account").order_by("published_at", "pk"):
        replies[reply.thread_id or 0].append(reply)
    return [{"root": root, "replies": replies[root.pk]} for root in roots]


@require_safe
@needs("listening.practise")
def practice_post(request: MemberRequest, pk: int) -> HttpResponse:
    """One thread, with the post that was asked for marked."""
    asked = get_object_or_404(PracticePost.objects.select_related("thread__account", "account"), pk=pk)
    root = asked.thread or asked
    context = {
        "asked": asked,
        "thread": _with_replies([root])[0],
        "form": PracticePostForm(initial={"in_reply_to": asked.pk}),
    }
    return page(request, "listening/practice_post.html", context, part="thread")


@require_POST
@needs("listening.manage_sources")
def open_field(request: MemberRequest) -> HttpResponse:
    """Have the organization speak and listen here."""
    try:
        opening.open_field(request.organization, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=reverse("listening:practice"))
    said = _("The field is open: what is said here is heard, and can be answered.")
    return done(request, said, to=reverse("listening:practice"))


@require_POST
@needs("listening.practise")
def say(request: MemberRequest) -> HttpResponse:
    """Post as one of the cast."""
    form = PracticePostForm(request.POST)
    if not form.is_valid():
        return _field(request, form, status=422)
    made = actions.post(
        form.cleaned_data["account"],
        text=form.cleaned_data["text"],
        in_reply_to=form.cleaned_data["in_reply_to"],
        **acting(request),
    )
    to = reverse("listening:practice_post", args=[made.pk]) if made.in_reply_to_id else reverse("listening:practice")
    return done(request, _("The post is on the practice field."), to=to)


@require_POST
@needs("listening.practise")
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what a post says."""
    target = get_object_or_404(PracticePost, pk=pk, removed_at=None)
    here = reverse("listening:practice_post", args=[pk])
    try:
        actions.edit(target, text=request.POST.get("text", ""), **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=here)
    return done(request, _("Changed; listeners see a revision."), to=here)


@require_POST
@needs("listening.practise")
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a post down."""
    target = get_object_or_404(PracticePost, pk=pk, removed_at=None)
    actions.remove(target, **acting(request))
    return done(request, _("Removed; listeners see that it was withdrawn."), to=reverse("listening:practice"))


@require_POST
@needs("listening.practise")
def play(request: MemberRequest) -> HttpResponse:
    """Let the cast begin again, or fall silent."""
    organization = request.organization
    member, at = request.member, clock.now()
    to = back_to(request, reverse("listening:practice"))
    if request.POST.get("pause"):
        cast.pause(organization, by=member, at=at)
        return done(request, _("The cast is silent."), to=to)
    cast.start(organization, by=member, at=at)
    return done(request, _("The cast has begun; a new line comes every 45 seconds."), to=to)
