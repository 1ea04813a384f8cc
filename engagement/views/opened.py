"""One assignment in full: what a page shows of it, how it is by now, what would go out, and who else is there."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from engagement import queue as reads
from engagement.actions.drafts import drafts_for
from engagement.beside import sections_for
from engagement.conversation import thread
from engagement.helping import notices_for
from engagement.models import Assignment, FollowUp, Satisfaction
from engagement.models.rules import Priority
from engagement.present import in_words as people_in_words
from engagement.present import others_at, subject_of
from engagement.promised import waits_for
from engagement.querysets import colleagues_of
from listening import networks
from listening.connections.money import charge_of, dollars, price_of_reply
from listening.models import Channel
from listening.threads import topic_of
from roles import clock, presence
from roles.keys import key_in
from roles.levels import ASSIGNMENTS, closed_among
from roles.models import Department, Member
from roles.respond import MemberRequest, needs, page

FOLLOW_UP_DAYS = (1, 3, 7, 14, 30)


def opened(row: Assignment, member: Member, departments: Iterable[Department]) -> dict[str, Any]:
    """Everything that the conversation and the side panel show."""
    drafts = drafts_for(row, member)
    accounts = Channel.objects.filter(network=row.mention.network, is_active=True).select_related("connection")
    channels = list(accounts.order_by("name"))
    return _standing(row, member) | {
        **_choices(row, member, departments),
        "channels": channels,
        "draft": drafts[0] if drafts else None,
        "own_draft": next((draft for draft in drafts[1:] if draft.member_id == member.pk), None),
        "draft_versions": list(drafts[0].versions.select_related("by__user"))
        if drafts and drafts[0].version > 1
        else [],
        "notices": notices_for(row, member, drafts[0] if drafts else None, at=clock.now()),
        # The same form sent twice is the same reply.
        "reply_key": secrets.token_urlsafe(16),
        **_counting(row, channels),
        **(_ended(row) if not row.is_open else {}),
    }


def _choices(row: Assignment, member: Member, departments: Iterable[Department]) -> dict[str, Any]:
    """What the verbs offer."""
    others = colleagues_of(row).exclude(pk=member.pk).named("answers")
    return {
        "colleagues": others,
        "people": [person for person in others if person.answers],
        "elsewhere": [place for place in takers(departments) if place.pk != row.department_id],
        "snooze_choices": reads.snooze_choices(clock.now(), member.organization.zone),
        "wakes_on": Assignment.WakesOn.choices,
        "outcomes": Assignment.Outcome.choices,
        "priorities": Priority.choices,
        "follow_up_days": FOLLOW_UP_DAYS,
    }


def takers(departments: Iterable[Department]) -> list[Department]:
    """Those to which something can be given: where a level has opened assignments."""
    rows = list(departments)
    closed = closed_among(ASSIGNMENTS, rows)
    return [row for row in rows if row.pk not in closed]


def _standing(row: Assignment, member: Member) -> dict[str, Any]:
    """What changes while a page is open: who has it, what was said, what stands beside it, who is there."""
    at, post = clock.now(), row.mention.post
    said = thread(row, member)
    return {
        "assignment": row,
        "waits_for": waits_for(row),
        "thread": said.entries,
        "thread_is_cut": said.is_cut,
        "unseen_here": said.unseen_notes,
        "until": said.until,
        "digest": f"{row.version}-{said.digest}",
        "live": " ".join(
            (subject_of(row.pk), "assignments", topic_of(post.network, post.conversation or post.remote_id), "threads")
        ),
        "sections": sections_for(row, member, at=at),
        "presence_topic": f"presence:{subject_of(row.pk)}",
        "others": people_in_words(others_at([row.pk], but=member, at=at).get(row.pk, [])),
    }


def _counting(row: Assignment, channels: Sequence[Channel]) -> dict[str, Any]:
    """How a text is counted: as the server of the account counts that is chosen when the page opens."""
    name = row.mention.network
    chosen = next((channel for channel in channels if channel.pk == row.mention.channel_id), None)
    account = chosen or next(iter(channels), None)
    return {
        "network_label": networks.label_of(name),
        "counting": account.limits if account is not None else networks.counted(name, "", {})[1],
        "charge": charge_of(account.connection, at=clock.now()) if account is not None else None,
    }


def _ended(row: Assignment) -> dict[str, Any]:
    known = Satisfaction.objects.filter(assignment=row).select_related("by__user").first()
    planned = FollowUp.objects.pending().filter(assignment=row).select_related("by__user").first()
    return {"satisfaction": known, "follow_up": planned, "satisfactions": Satisfaction.Value.choices}


def _seen_by(request: MemberRequest, pk: int) -> Assignment:
    member = request.member
    return get_object_or_404(Assignment.objects.with_mentions().visible_to(member), pk=pk)


@require_safe
@needs("engagement.read")
def now(request: MemberRequest, pk: int) -> HttpResponse:
    """How the opened assignment is by now; nothing where it is as the page has it. What is being typed stays."""
    member = request.member
    row = _seen_by(request, pk)
    context = _standing(row, member)
    if context["digest"] == request.GET.get("digest", ""):
        return HttpResponse(status=204)
    context |= _choices(row, member, Department.objects.all())
    return page(request, "engagement/now.html", context)


@require_POST
@needs("engagement.reply")
def look_first(request: MemberRequest, pk: int) -> HttpResponse:
    """Show exactly what would go out, where and as whom; nothing is sent and nothing is stored."""
    from engagement.views.queue import context_of

    row = _seen_by(request, pk)
    text, chosen, name = written(request), request.POST.get("channel", ""), row.mention.network
    channel = get_object_or_404(Channel.objects.select_related("connection"), pk=key_in(chosen)) if chosen else None
    length, limits = networks.counted(name, text, channel.facts if channel is not None else {})
    shown = {
        "preview": {
            "text": text,
            "channel": channel,
            "network": networks.label_of(name),
            "length": length,
            "limit": limits.text,
            "is_too_long": limits.text is not None and length > limits.text,
            "least": limits.least if length < limits.least else 0,
            "bytes_over": limits.bytes_over(text),
            "costs": _costs(channel, text),
        }
    }
    if getattr(request, "htmx", None):
        return page(request, "engagement/_preview.html", {"assignment": row, **shown})
    return page(request, "engagement/queue.html", context_of(request, row) | shown | {"typed": text})


def _costs(channel: Channel | None, text: str) -> dict[str, Any] | None:
    """What this very text costs before it is sent, and what is left; None where nothing is charged."""
    through = channel.connection if channel is not None else None
    price, charge = price_of_reply(through, text), charge_of(through, at=clock.now())
    if price is None or charge is None:
        return None
    return {"price": dollars(price.most), "charge": charge, "is_too_dear": price.most > charge.left_exactly}


@require_POST
@needs("engagement.read")
def be_present(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what one does in a window, and read who else is there; kept for seconds, never in the database."""
    member = request.member
    row = get_object_or_404(Assignment.objects.visible_to(member).only("pk"), pk=pk)
    at, said = clock.now(), request.POST
    try:
        presence.say(subject_of(row.pk), by=member, window=said.get("window", ""), doing=said.get("doing", ""), at=at)
    except ValueError as problem:
        return HttpResponse(str(problem), status=422, content_type="text/plain")
    people = others_at([row.pk], but=member, at=at).get(row.pk, [])
    return page(request, "engagement/_present.html", {"others": people_in_words(people)})


def written(request: MemberRequest) -> str:
    """The text of a form as it was typed: a form sends the ends of lines as two letters."""
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
