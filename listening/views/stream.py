"""The stream: the list, one mention in full beside it, and what came meanwhile."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from listening import networks
from listening import stream as reads
from listening.filtering import NONE, StreamFilter
from listening.health.workers import nothing_is_heard
from listening.languages import language_name, languages
from listening.models import Mention, Post
from listening.offers import offers_for
from listening.opinions import panel
from roles import clock
from roles.keys import key_in
from roles.levels import ASSIGNMENTS
from roles.models import Member
from roles.permissions import closed, decide
from roles.respond import MemberRequest, needs, page, wants_part
from roles.wording import quoted

CONVERSATION_POSTS = 60
OFFERED_TOPICS = 30
PLACES_SHOWN = 20
OFFERED_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "tr", "uk", "ru", "ar", "zh", "ja")


@require_safe
@needs("listening.read")
def stream(request: MemberRequest) -> HttpResponse:
    """Mentions that wait for a decision, the newest first; every filter is part of the address."""
    if wants_part(request) and "before" in request.GET:
        context = listed(request) | {"may_triage": decide(request.member, "listening.triage")}
        return page(request, "listening/stream.html", context, part="rows")
    context = around(request)
    return page(request, "listening/stream.html", context, part="list")


@require_safe
@needs("listening.read")
def in_stream(request: MemberRequest, pk: int) -> HttpResponse:
    """One mention in full, beside the list on a wide screen."""
    opened = full(request, pk)
    context = opened | ({} if wants_part(request) else around(request))
    return page(request, "listening/stream.html", context, part="reading")


@require_safe
@needs("listening.read")
def news(request: MemberRequest) -> HttpResponse:
    """How many came since the list was drawn, and how many wait behind each saved filter; the list moves when asked."""
    wanted = StreamFilter.of(request.GET.dict())
    member = request.member
    context = {
        "newer": reads.newer([wanted], request.GET.get("after", ""))[0],
        "saved": reads.around(member).saved,
        "reload_url": _address(wanted),
    }
    return page(request, "listening/news.html", context)


@require_safe
@needs("listening.read")
def mention(request: MemberRequest, pk: int) -> HttpResponse:
    """One mention by itself: the post, its conversation, its revisions, why it concerns us."""
    return page(request, "listening/mention.html", full(request, pk))


def listed(request: MemberRequest) -> dict[str, Any]:
    """What the rows of the list need."""
    wanted = StreamFilter.of(request.GET.dict())
    found = reads.page_of(wanted, before=key_in(request.GET.get("before", "")))
    return {
        "page": found,
        "wanted": wanted,
        "filtered": wanted.is_narrowing,
        "is_silent": not (found.items or wanted.is_narrowing or Mention.objects.exists()),
        "query_string": str(wanted),
        "more_url": _address(wanted, before=found.before) if found.before else "",
        "here": _address(wanted),
    }


def around(request: MemberRequest) -> dict[str, Any]:
    """Everything that the page of the stream shows but the opened mention."""
    member = request.member
    known = reads.around(member)  # before the list: what comes between the two is told rather than missed
    context = listed(request)
    wanted: StreamFilter = context["wanted"]
    context["news_url"] = f"{reverse('listening:news')}?{urlencode({**wanted.as_query(), 'after': known.newest})}"
    context["may_triage"] = decide(member, "listening.triage")
    if wants_part(request):
        return context
    fields = fields_of(wanted, known.choices)
    return context | {
        "nothing_is_heard": nothing_is_heard(clock.now()),
        "saved": known.saved,
        "current": next((one for one in known.saved if one.wanted == wanted), None),
        "fields": fields,
        "chips": chips(wanted, fields),
        "verbs": verbs_for(member, known),
    }


def verbs_for(member: Member, known: reads.Around) -> dict[str, Any]:
    """What the verbs of triage offer; to a department only where a level has opened assignments there."""
    keys = {str(row.pk) for row in known.closed}
    return {
        "departments": [choice for choice in known.choices["department"] if choice[0] not in keys],
        "closed": known.closed,
        "why_closed": closed(ASSIGNMENTS, known.closed[0]) if known.closed else None,
        "topics": known.choices["topic"][:OFFERED_TOPICS],
        "reasons": Mention.WhyNot.choices,
        "sentiments": Mention.Sentiment.choices,
        "languages": [(code, language_name(code)) for code in OFFERED_LANGUAGES],
        "offers": offers_for(member),
    }


def full(request: MemberRequest, pk: int) -> dict[str, Any]:
    """Everything about one mention."""
    wanted = StreamFilter.of(request.GET.dict())
    rows = reads.lines(Mention.objects.all(), folded=wanted.folds).select_related("triaged_by__user")
    row: Any = get_object_or_404(rows, pk=pk)
    search = None if wanted.trouble else wanted.search()
    conversation = []
    if row.post.conversation:
        conversation = list(Post.objects.in_conversation(row.post).select_related("author")[:CONVERSATION_POSTS])
    return {
        "mention": row,
        "line": reads.Item(row, []),
        "parts": reads.highlighted(row, search=search),
        "title_parts": reads.highlighted(row, "title", search),
        "conversation": conversation,
        "revisions": row.post.revisions.order_by("-number")[:20] if row.post.revision_count > 1 else [],
        "places": reads.other_places(row),
        "elsewhere": Post.objects.same_piece(row.post).select_related("source")[:PLACES_SHOWN],
        **panel(row),
        "may_triage": decide(request.member, "listening.triage", row),
        "reading_url": request.get_full_path(),
        "list_url": _address(wanted),
    }


def _address(wanted: StreamFilter, **more: Any) -> str:
    said = urlencode({**wanted.as_query(), **more})
    return f"{reverse('listening:stream')}?{said}" if said else reverse("listening:stream")


def fields_of(wanted: StreamFilter, known: dict[str, list[tuple[str, str]]]) -> list[dict[str, Any]]:
    """The fields of the filter with their choices, as the form shows them."""
    any_ = ("", _("Any"))
    sounds = [(str(value), str(label)) for value, label in Mention.Sentiment.choices]
    choices: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("state", _("Show"), [("", _("Waiting")), ("kept", _("Relevant, nothing to do")),
                              ("routed", _("Given to a department")), ("dismissed", _("Not relevant")),
                              ("all", _("Everything"))]),
        ("query", _("Query"), [any_, *known["query"]]),
        ("network", _("Network"), [any_, *networks.choices()]),
        ("source", _("Source"), [any_, *known["source"]]),
        ("topic", _("Topic"), [any_, (NONE, _("None")), *known["topic"]]),
        ("sentiment", _("Sentiment"), [any_, *sounds]),
        ("language", _("Language"), [any_, *languages()]),
        ("department", _("Department"), [any_, *known["department"]]),
        ("internal", _("Internal"), [any_, ("yes", _("Only internal")), ("no", _("Only public"))]),
        ("fold", _("Stories"), [("", _("One line each")), ("no", _("Every place"))]),
        ("order", _("Order"), [("", _("The newest first")), ("relevance", _("The most relevant first"))]),
    ]  # fmt: skip
    return [
        {"name": name, "label": label, "choices": offered, "value": getattr(wanted, name)}
        for name, label, offered in choices
    ]


def chips(wanted: StreamFilter, fields: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What narrows the list, each with the address without it."""
    said: dict[str, str] = {}
    for field in fields:
        said[field["name"]] = dict(field["choices"]).get(field["value"], field["value"])
    said |= {
        "q": quoted(wanted.q),
        "story": _("One story"),
        "since": _("From %(day)s") % {"day": wanted.since},
        "until": _("Until %(day)s") % {"day": wanted.until},
    }
    return [
        {"label": said.get(name, value), "url": _address(wanted.without(name))}
        for name, value in wanted.as_query().items()
    ]
