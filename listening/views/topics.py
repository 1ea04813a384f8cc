"""What mentions are about: the list of topics, and changing it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listening.actions import topics as actions
from listening.judgement_forms import MergeForm, TopicForm
from listening.models import Topic
from listening.refusals import StillUsed
from roles.forms import refusals_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused_by


@require_safe
@needs("listening.read_sources")
def topics(request: MemberRequest) -> HttpResponse:
    """All topics by name, each with whom it concerns."""
    context = {
        "topics": Topic.objects.select_related("department").by_name(),
        "may_manage": decide(request.member, "listening.manage_topics"),
    }
    return page(request, "listening/topics.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_topics")
def add_topic(request: MemberRequest) -> HttpResponse:
    """Add a topic."""
    return _write(request, TopicForm(request.POST or None), None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("listening.manage_topics")
def change_topic(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what a topic is called and whom it concerns."""
    row = get_object_or_404(Topic, pk=pk)
    return _write(request, TopicForm(request.POST or None, initial=TopicForm.values_of(row)), row)


def _write(request: MemberRequest, form: TopicForm, row: Topic | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            if row:
                actions.change_topic(row, **form.cleaned_data, **acting(request))
            else:
                actions.add_topic(**form.cleaned_data, **acting(request))
            return done(request, _("Saved."), to=reverse("listening:topics"))
    return _form(request, row, form, MergeForm(topic=row) if row else None)


def _form(request: MemberRequest, row: Topic | None, form: TopicForm, merging: MergeForm | None) -> HttpResponse:
    bad = bool(form.errors or (merging and merging.errors))
    context = {"form": form, "topic": row, "merging": merging}
    return page(request, "listening/topic_form.html", context, status=422 if bad else 200)


@require_POST
@needs("listening.manage_topics")
def pause_topic(request: MemberRequest, pk: int) -> HttpResponse:
    """Offer and suggest a topic no more."""
    actions.pause_topic(get_object_or_404(Topic, pk=pk), **acting(request))
    undo = Undo(reverse("listening:resume_topic", args=[pk]))
    message = _("Paused: it is offered and suggested no more. Mentions that have it keep it.")
    return done(request, message, to=reverse("listening:topics"), undo=undo)


@require_POST
@needs("listening.manage_topics")
def resume_topic(request: MemberRequest, pk: int) -> HttpResponse:
    """Offer and suggest a topic again."""
    actions.resume_topic(get_object_or_404(Topic, pk=pk), **acting(request))
    return done(request, _("In use again."), to=reverse("listening:topics"))


@require_POST
@needs("listening.manage_topics")
def merge_topics(request: MemberRequest, pk: int) -> HttpResponse:
    """Make one topic of two."""
    row = get_object_or_404(Topic, pk=pk)
    form = MergeForm(request.POST, topic=row)
    if not form.is_valid():
        return _form(request, row, TopicForm(initial=TopicForm.values_of(row)), form)
    into = form.cleaned_data["into"]
    try:
        actions.merge_topics(row, into=into, **acting(request))
    except StillUsed as problem:
        return refused_by(request, problem, to=reverse("listening:change_topic", args=[pk]))
    message = _("All mentions about “%(topic)s” are about “%(into)s” now.") % {"topic": row, "into": into}
    return done(request, message, to=reverse("listening:topics"))
