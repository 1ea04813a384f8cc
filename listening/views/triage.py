"""What a gatherer does to mentions: one, those that were ticked, or all that match; each shows what it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from listening import stream as reads
from listening.actions import bulk, corrections, mentions
from listening.filtering import StreamFilter
from listening.languages import language_name
from listening.models import BulkDecision, Mention, Topic
from listening.refusals import Quicker
from listening.triage import VERBS, Triage
from roles.keys import key_in
from roles.models import Department
from roles.respond import MemberRequest, Undo, acting, back_to, done, needs, refused, refused_by


@dataclass(frozen=True)
class Wish:
    """What a form asks for: a verb, what belongs to it, and of which mentions."""

    verb: str
    value: str
    keys: list[int]
    # Those that stand for their whole story.
    whole: list[int]

    @classmethod
    def of(cls, request: HttpRequest) -> Wish:
        """Read “dismiss”, “dismiss:spam”, “route_to:4”, each perhaps with “@12” for one line alone.

        A line is “12”, or “12+” where it stands for its whole story.
        """
        said, _sep, one = request.POST.get("do", "").partition("@")
        verb, _sep, value = said.partition(":")
        chosen = [one] if one else request.POST.getlist("mention") or [request.POST.get("opened", "")]
        keys = {key: text for text in chosen if (key := key_in(text.removesuffix("+"))) is not None}
        return cls(verb, value, list(keys), [key for key, text in keys.items() if text.endswith("+")])


@require_POST
@needs("listening.triage")
def decide(request: MemberRequest) -> HttpResponse:
    """Do a verb of triage to what was chosen in the stream."""
    wish, wanted = Wish.of(request), StreamFilter.read(request.POST.get("in", ""))
    back = back_to(request, reverse("listening:stream"))
    try:
        if wish.verb in VERBS and request.POST.get("all"):
            return _decide_all(request, wish, wanted)
        if not wish.keys:
            return refused(request, _("Choose a mention first."), to=back, status=422)
        if wish.verb not in VERBS:
            return _correct(request, wish, wanted, back)
        if len(wish.keys) == 1 and not wish.whole:
            return _decide_one(request, wish, wanted, back)
        return _decide_ticked(request, wish, wanted, back)
    except (PermissionDenied, ValidationError) as problem:
        return refused_by(request, problem, to=back)


def _triage(request: MemberRequest, wish: Wish) -> Triage:
    to = get_object_or_404(Department, pk=key_in(wish.value)) if wish.verb == "route_to" else None
    code = wish.value if wish.verb == "dismiss" else ""
    if code and code not in Mention.WhyNot.values:
        raise Http404
    return Triage(wish.verb, code=code, reason=request.POST.get("reason", ""), to=to)


def _decide_one(request: MemberRequest, wish: Wish, wanted: StreamFilter, back: str) -> HttpResponse:
    row = get_object_or_404(Mention, pk=wish.keys[0])
    before, triage, seen = row.state, _triage(request, wish), request.POST.get("seen", "")
    told = {"seen": seen if seen in Mention.State.values else "", **acting(request)}
    verbs: dict[str, Callable[[], Mention]] = {
        "dismiss": lambda: mentions.dismiss(row, code=triage.code, reason=triage.reason, **told),
        "keep": lambda: mentions.keep(row, **told),
        "restore": lambda: mentions.restore(row, **told),
        "route_to": lambda: mentions.route_to(row, department=triage.to, **told),  # type: ignore[arg-type]
    }
    try:
        verbs[wish.verb]()
    except Quicker as problem:
        return _as_it_is_now(request, wish.keys, wanted, str(problem), back)
    undo = _undo_of(row.pk, wish.verb, before)
    return _changed(request, wish.keys, wanted, _said(triage), back, undo=undo)


def _undo_of(key: int, verb: str, before: str) -> Undo | None:
    """How to bring a mention back to where it was."""
    back = {"untriaged": "restore", "kept": "keep", "dismissed": "dismiss"}.get(before, "")
    if not back or VERBS[verb] == before:
        return None
    return Undo(reverse("listening:decide"), fields={"do": back, "mention": str(key), "undoes": "1"})


def _said(triage: Triage) -> str:
    match triage.verb:
        case "dismiss" if triage.code:
            return _("Not relevant: %(why)s.") % {"why": Mention.WhyNot(triage.code).label}
        case "dismiss":
            return _("Not relevant.")
        case "keep":
            return _("Relevant, nothing to do.")
        case "route_to":
            return _("Given to %(department)s.") % {"department": triage.to}
        case _:
            return _("Back in the stream.")


def _decide_ticked(request: MemberRequest, wish: Wish, wanted: StreamFilter, back: str) -> HttpResponse:
    seen = wanted.shows if wanted.shows != "all" else ""
    triage = _triage(request, wish)
    try:
        row = bulk.decide_ticked(triage, keys=wish.keys, whole=wish.whole, seen=seen, **acting(request))
    except Quicker as problem:
        return _as_it_is_now(request, wish.keys, wanted, str(problem), back)
    words = in_words(row) if len(wish.keys) > 1 else f"{_said(triage)} {in_words(row)}"
    return _changed(request, wish.keys, wanted, words, back, undo=undo_of(row))


def in_words(row: BulkDecision) -> str:
    """What a bulk decision came to, in a sentence."""
    words = ngettext("%(n)s mention decided.", "%(n)s mentions decided.", row.decided) % {"n": row.decided}
    if row.left_alone:
        left = ngettext(
            "%(n)s was decided by somebody already.", "%(n)s were decided by somebody already.", row.left_alone
        )
        words = f"{words} {left % {'n': row.left_alone}}"
    if row.is_under_way:
        words = f"{words} {_('The rest is under way.')}"
    if row.story_ids and row.state != BulkDecision.State.UNDONE:
        words = f"{words} {_('What arrives of it later follows.')}"
    return words


def undo_of(row: BulkDecision) -> Undo | None:
    """How to undo a bulk decision."""
    return Undo(reverse("listening:undo_bulk", args=[row.pk])) if row.decided else None


def _decide_all(request: MemberRequest, wish: Wish, wanted: StreamFilter) -> HttpResponse:
    expected = key_in(request.POST.get("expected", "")) or 0
    row = bulk.decide_all(_triage(request, wish), wanted=wanted, expected=expected, **acting(request))
    to = reverse("listening:bulk", args=[row.pk])
    return done(request, _("Under way. You can leave this page; it goes on by itself."), to=to)


def _correct(request: MemberRequest, wish: Wish, wanted: StreamFilter, back: str) -> HttpResponse:
    """Say of each chosen mention what it is about, how it sounds or in which language it is."""
    if wish.verb not in corrections.KINDS:
        raise Http404
    judgement = corrections.Judgement(wish.verb, wish.value)
    row = corrections.correct_ticked(judgement, keys=wish.keys, **acting(request))
    words = ngettext("%(n)s mention corrected.", "%(n)s mentions corrected.", row.decided) % {"n": row.decided}
    if row.left_alone:
        words = f"{words} {_('The others were said to be so already.')}"
    return _changed(request, wish.keys, wanted, f"{_judged(judgement)} {words}", back, undo=undo_of(row))


def _judged(judgement: corrections.Judgement) -> str:
    match judgement.verb:
        case "give_topic":
            return _("About %(topic)s.") % {"topic": Topic.objects.get(pk=judgement.value)}
        case "correct_sentiment":
            return f"{Mention.Sentiment(int(judgement.value)).label}."
        case _:
            return f"{language_name(judgement.value)}."


def _changed(
    request: MemberRequest,
    keys: Sequence[int],
    wanted: StreamFilter,
    message: str,
    back: str,
    *,
    undo: Undo | None = None,
) -> HttpResponse:
    if request.POST.get("undoes"):
        undo = None
    if not getattr(request, "htmx", None):
        return done(request, message, to=back, undo=undo)
    return done(
        request, message, to=back, undo=undo, template="listening/decided.html", context=shown(keys, wanted, back)
    )


def _as_it_is_now(
    request: MemberRequest, keys: Sequence[int], wanted: StreamFilter, reason: str, back: str
) -> HttpResponse:
    """Somebody was quicker: say so, and show what they did."""
    if not getattr(request, "htmx", None):
        return refused(request, reason, to=back)
    context = shown(keys, wanted, back, whatever_they_are=True) | {"flash": {"message": reason, "level": "error"}}
    return render(request, "listening/decided.html", context, status=409)


def shown(keys: Sequence[int], wanted: StreamFilter, back: str, *, whatever_they_are: bool = False) -> dict[str, Any]:
    """The lines of mentions as they are now: those that the filter still shows, or whatever they are."""
    some = Mention.objects.filter(pk__in=list(keys)[: reads.PER_PAGE * 2])
    rows = reads.lines(some.filter(is_folded=False) if wanted.folds else some, folded=wanted.folds)
    states = Mention.State.values if whatever_they_are or wanted.shows == "all" else [wanted.shows]
    return {
        "items": [reads.Item(row, reads.excerpt(row)) for row in rows if row.state in states],
        "wanted": wanted,
        "query_string": str(wanted),
        "here": back,
        "may_triage": True,
    }
