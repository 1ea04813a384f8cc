"""What a person says about the judgements of a mention."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from listening.actions import judgements as actions
from listening.judgement_forms import LanguageForm, SentimentForm, TakeBackForm, TopicOfMentionForm
from listening.languages import language_name
from listening.models import Correction, Mention
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, refused, refused_by

Kind = Correction.Kind


@require_POST
@needs("listening.triage")
def correct_language(request: MemberRequest, pk: int) -> HttpResponse:
    """Say in which language a mention is written."""
    row, form = get_object_or_404(Mention, pk=pk), LanguageForm(request.POST)
    if not form.is_valid():
        return _unclear(request, row, form)
    language, undo = form.cleaned_data["language"], _undo(row, Kind.LANGUAGE)
    actions.correct_language(row, language=language, **acting(request))
    message = _("Noted: it is written in %(language)s.") % {"language": language_name(language)}
    return done(request, message, to=_back(request, row), undo=undo)


@require_POST
@needs("listening.triage")
def correct_sentiment(request: MemberRequest, pk: int) -> HttpResponse:
    """Say whether a mention is negative, neutral or positive."""
    row, form = get_object_or_404(Mention, pk=pk), SentimentForm(request.POST)
    if not form.is_valid():
        return _unclear(request, row, form)
    sentiment, undo = form.cleaned_data["sentiment"], _undo(row, Kind.SENTIMENT)
    actions.correct_sentiment(row, sentiment=sentiment, **acting(request))
    message = _("Noted: %(sentiment)s.") % {"sentiment": Mention.Sentiment(sentiment).label}
    return done(request, message, to=_back(request, row), undo=undo)


@require_POST
@needs("listening.triage")
def give_topic(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what a mention is about; an empty topic says that it is about none of them."""
    row, form = get_object_or_404(Mention, pk=pk), TopicOfMentionForm(request.POST)
    if not form.is_valid():
        return _unclear(request, row, form)
    topic, undo = form.cleaned_data["topic"], _undo(row, Kind.TOPIC)
    try:
        if topic is None:
            actions.take_topic_away(row, **acting(request))
            message = _("Noted: none of the topics.")
        else:
            actions.give_topic(row, topic=topic, **acting(request))
            message = _("Noted: it is about “%(topic)s”.") % {"topic": topic}
    except ValidationError as problem:
        return refused_by(request, problem, to=_back(request, row))
    return done(request, message, to=_back(request, row), undo=undo)


@require_POST
@needs("listening.triage")
def take_back_correction(request: MemberRequest, pk: int) -> HttpResponse:
    """Leave a judgement to the machine again."""
    row, form = get_object_or_404(Mention, pk=pk), TakeBackForm(request.POST)
    if not form.is_valid():
        return _unclear(request, row, form)
    actions.take_back_correction(row, kind=form.cleaned_data["kind"], **acting(request))
    return done(request, _("Left to the machine again."), to=_back(request, row))


_VERBS = {
    Kind.LANGUAGE: ("listening:correct_language", "language"),
    Kind.SENTIMENT: ("listening:correct_sentiment", "sentiment"),
    Kind.TOPIC: ("listening:give_topic", "topic"),
}


def _undo(mention: Mention, kind: Kind) -> Undo:
    """The way back to what stands now: to what a person said, or to the machine."""
    known = Correction.objects.filter(mention=mention, kind=kind).first()
    if known is None:
        return Undo(reverse("listening:take_back_correction", args=[mention.pk]), fields={"kind": str(kind)})
    name, field = _VERBS[kind]
    return Undo(reverse(name, args=[mention.pk]), fields={field: known.value})


def _unclear(request: MemberRequest, mention: Mention, form: forms.Form) -> HttpResponse:
    said = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return refused(request, said, to=_back(request, mention), status=422)


def _back(request: MemberRequest, mention: Mention) -> str:
    return back_to(request, reverse("listening:mention", args=[mention.pk]))
