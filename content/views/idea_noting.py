"""Note ideas: in words, from what somebody said, and from any page of the web by a button among the bookmarks."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from content.actions import ideas as actions
from content.alike import Likeness, alike
from content.bookmarklet import bookmarklet
from content.idea_forms import IdeaForm, PageIdeaForm
from content.models import Idea
from content.views.ideas import backlog
from listening.models import Mention, Story
from roles.forms import refusals_in
from roles.keys import key_in
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, page, refused_by

# What came along without a form: the stream's key, the button of a story, a question, the huddle.
BY_ONE_CLICK = ("mention", "story")


@require_POST
@needs("content.note_idea")
def note_idea(request: MemberRequest) -> HttpResponse:
    """Note an idea: in words, or straight from the mention, story or question that gave it."""
    if any(name in request.POST for name in BY_ONE_CLICK):
        return _note_at_once(request)
    form, like = IdeaForm(request.POST), []
    if form.is_valid():
        # Whoever sees alike ones may still note it, or go to the one that is there.
        like = [] if "anyway" in request.POST else alike(form.cleaned_data["text"])
        if not like:
            with refusals_in(form):
                return _noted(request, actions.note_idea(**form.cleaned_data, **acting(request)))
    return backlog(request, form, like=like, status=200 if like else 422)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("content.note_idea")
def note_from_page(request: MemberRequest) -> HttpResponse:
    """Show what the button took along from a page, and note it when somebody says so."""
    if request.method == "POST":
        form = PageIdeaForm(request.POST)
        if form.is_valid():
            with refusals_in(form):
                return _noted(request, actions.note_idea(**form.cleaned_data, **acting(request)))
        return page(request, "content/note_from_page.html", _from_page(form), status=422)
    title = request.GET.get("title", "").strip()[:300]
    quote = request.GET.get("text", "").strip()[:2000]
    said = {"text": title, "quote": quote, "url": request.GET.get("url", "")[:2000], "page_title": title}
    return page(request, "content/note_from_page.html", _from_page(PageIdeaForm(initial=said)))


@require_safe
@needs("content.note_idea")
def share_button(request: MemberRequest) -> HttpResponse:
    """The button for one's bookmarks, and how it gets there."""
    address = request.build_absolute_uri(reverse("content:note_from_page"))
    return page(request, "content/share_button.html", {"bookmarklet": bookmarklet(address)})


def _from_page(form: PageIdeaForm) -> dict[str, Any]:
    text = str(form["text"].value() or "")
    like: list[Likeness] = alike(text) if text else []
    return {"form": form, "url": form["url"].value(), "page_title": form["page_title"].value(), "like": like}


def _note_at_once(request: MemberRequest) -> HttpResponse:
    # The stream may bring several, some of them with the places of their story; one stands for them.
    keys = [key for text in request.POST.getlist("mention") if (key := key_in(text.removesuffix("+"))) is not None]
    mention = get_object_or_404(Mention.objects.with_posts(), pk=keys[0]) if keys else None
    named = key_in(request.POST.get("story", ""))
    story = get_object_or_404(Story, pk=named) if named else None
    origin = request.POST.get("origin", "")
    origin = origin if origin in {Idea.Origin.QUESTION, Idea.Origin.HUDDLE} else ""
    back = back_to(request, reverse("content:ideas"))
    text = request.POST.get("text", "")
    try:
        row = actions.note_idea(text, mention=mention, story=story, origin=origin, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=back)
    return _noted(request, row, back=back)


def _noted(request: MemberRequest, row: Idea, *, back: str = "") -> HttpResponse:
    """Say that it is noted, and where alike ones are to be looked at."""
    like = len(alike(row.said, but=[row.pk]))
    message = _("Noted as an idea.")
    if like:
        message = ngettext(
            "Noted as an idea; %(n)s other is like it.", "Noted as an idea; %(n)s others are like it.", like
        ) % {"n": like}
    to = back or reverse("content:idea", args=[row.pk])
    undo = Undo(reverse("content:drop_idea", args=[row.pk]))
    return done(request, message, to=to, undo=undo, template="components/flash_oob.html")
