"""Ideas: noting, changing, rating, accepting, dropping, picking up again, and making a piece of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.actions.pieces import begin_piece
from content.alike import keys_of
from content.models import Campaign, Idea, Piece
from content.models.ideas import MOST
from content.tracking import is_address
from engagement.models.joinings import Step
from listening.models import Mention, Story, Topic
from roles.audit import record, record_change
from roles.models import Member
from roles.permissions import allowed

State, Origin = Idea.State, Idea.Origin
LONGEST = 2000
# What no form says and no person types.
_GIVEN = ("noted_by", "settled_by", "settled_at", "mention", "story", "topic", "campaign", "merged_into", "keys")


def note_idea(
    text: str, *, mention: Mention | None = None, story: Story | None = None, origin: str = "", url: str = "",
    page_title: str = "", quote: str = "", by: Member | None, at: datetime, **about: Any,
) -> Idea:  # fmt: skip
    """Note a thought for something to publish; without words of its own it is what it comes from that says it.

    `about` are value, effort, step, topic and campaign, as far as they are known already.
    """
    if story is not None and mention is None:
        mention = Mention.objects.of_story(story).with_posts().first()
    given = str(mention.post.title or mention.post.text) if mention else page_title or quote
    words = text.strip() or (story.headline if story and story.headline else given).strip()
    kind = Origin.STORY if story else Origin.MENTION if mention else Origin.PAGE if url else Origin.WORDS
    idea = Idea(
        text=words[:LONGEST], origin=origin or kind, mention=mention, story=story, url=_shown_as_link(url),
        page_title=page_title.strip()[:300], quote=quote.strip()[:LONGEST], noted_at=at, noted_by=by, **_fields(about),
    )  # fmt: skip
    if mention is not None and idea.topic_id is None:
        idea.topic_id = mention.topic_id
    return _note(idea, by=by, at=at)


@allowed("content.note_idea")
@transaction.atomic
def _note(idea: Idea, *, by: Member | None, at: datetime) -> Idea:
    idea.keys = keys_of(idea.said)
    idea.full_clean(exclude=_GIVEN)
    idea.save()
    facts = {"origin": idea.origin, "mention": idea.mention_id, "story": idea.story_id, "url": idea.url}
    record("note_idea", idea, by=by, at=at, after={name: value for name, value in facts.items() if value})
    return idea


@allowed("content.change_idea")
@transaction.atomic
def change_idea(idea: Idea, /, *, text: str, by: Member | None, at: datetime, **about: Any) -> Idea:
    """Say an idea otherwise, and what it is about; what is left out of `about` stays as it is."""
    row, before = _held(idea), _facts(idea)
    row.text = text.strip()[:LONGEST]
    for name, value in _fields(about).items():
        setattr(row, name, value)
    row.keys = keys_of(row.said)
    row.full_clean(exclude=_GIVEN)
    row.save(update_fields=["text", "value", "effort", "step", "topic", "campaign", "keys"])
    if (after := _facts(row)) != before:
        record_change("change_idea", row, by=by, at=at, before=before, after=after)
    return row


@allowed("content.rate_idea")
@transaction.atomic
def rate_idea(
    idea: Idea, *, value: int | None = None, effort: int | None = None, by: Member | None, at: datetime
) -> Idea:
    """Say what an idea is worth and what it asks of us, from 1 to 5; 0 takes it back, None leaves it."""
    row = _held(idea)
    before = {"value": row.value, "effort": row.effort}
    said = {name: number for name, number in (("value", value), ("effort", effort)) if number is not None}
    for name, number in said.items():
        setattr(row, name, _up_to_five(name, number))
    after = {"value": row.value, "effort": row.effort}
    if after != before:
        row.save(update_fields=["value", "effort"])
        record_change("rate_idea", row, by=by, at=at, before=before, after=after)
    return row


@allowed("content.accept_idea")
@transaction.atomic
def accept_idea(idea: Idea, *, reason: str = "", by: Member | None, at: datetime) -> Idea:
    """Say that something will be made of an idea; who noted it reads why."""
    return _settle(idea, State.ACCEPTED, "accept_idea", reason=reason, by=by, at=at)


@allowed("content.drop_idea")
@transaction.atomic
def drop_idea(idea: Idea, *, reason: str = "", by: Member | None, at: datetime) -> Idea:
    """Put an idea aside; it stays in the records and can be picked up again."""
    return _settle(idea, State.DROPPED, "drop_idea", reason=reason, by=by, at=at)


@allowed("content.pick_up_idea")
@transaction.atomic
def pick_up_idea(idea: Idea, *, by: Member | None, at: datetime) -> Idea:
    """Open an idea again that was accepted or dropped."""
    return _settle(idea, State.OPEN, "pick_up_idea", reason="", by=by, at=at)


@allowed("content.write")
@transaction.atomic
def develop_idea(idea: Idea, *, again: bool = False, by: Member, at: datetime) -> Piece:
    """Make a piece of an idea: it begins with what the idea says; once, or once more where that is meant."""
    row = _held(idea)
    if row.state == State.MERGED:
        raise ValidationError(_("It was merged into another idea: make the piece of that one."))
    there: Piece | None = row.pieces.order_by("-pk").first()
    if there is not None and not again:
        return there
    title, _nl, rest = row.text.partition("\n")
    fields: dict[str, Any] = {"step": row.step} if row.step else {}
    body = row.text if rest.strip() or len(title) > 200 else ""
    piece: Piece = begin_piece(
        title.strip()[:200], body="\n\n".join(part for part in (body, _source_of(row)) if part), topic=row.topic,
        campaign=row.campaign, idea=row, by=by, at=at, **fields,
    )  # fmt: skip
    record("develop_idea", row, by=by, at=at, after={"piece": piece.pk})
    return piece


def _settle(idea: Idea, state: Idea.State, verb: str, *, reason: str, by: Member | None, at: datetime) -> Idea:
    row = _held(idea)
    if row.state == State.MERGED:
        raise ValidationError(_("It was merged into another idea: take it out of there first."))
    if row.state != state:
        row.state, row.reason = state, reason.strip()[:500]
        row.settled_at, row.settled_by = (None, None) if state == State.OPEN else (at, by)
        row.save(update_fields=["state", "reason", "settled_at", "settled_by"])
        record(verb, row, by=by, at=at, after={"reason": row.reason} if row.reason else None)
    return row


def _held(idea: Idea) -> Idea:
    return Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)


def _facts(idea: Idea) -> dict[str, Any]:
    return {
        "text": idea.text, "value": idea.value, "effort": idea.effort, "step": idea.step, "topic": idea.topic_id,
        "campaign": idea.campaign_id,
    }  # fmt: skip


def _fields(about: dict[str, Any]) -> dict[str, Any]:
    """What is said about an idea, as far as it can be."""
    fields: dict[str, Any] = {}
    for name, said in about.items():
        if name in {"value", "effort"}:
            fields[name] = _up_to_five(name, said or 0)
        elif name == "step":
            if said and said not in Step.values:
                raise ValidationError({"step": _("Choose one of the seven steps.")})
            fields[name] = said or ""
        elif name in {"topic", "campaign"}:
            kind: type[Topic | Campaign] = Topic if name == "topic" else Campaign
            assert said is None or isinstance(said, kind)
            fields[name] = said
        else:
            raise TypeError(name)
    return fields


def _up_to_five(name: str, number: int) -> int:
    if not 0 <= number <= MOST:
        raise ValidationError({name: _("Choose a number from 1 to 5.")})
    return number


def _shown_as_link(said: str) -> str:
    """The address of a page as it may be shown as a link; empty for whatever else a browser could be made to run."""
    address = said.strip()
    return address if is_address(address) and len(address) <= LONGEST else ""


def _source_of(idea: Idea) -> str:
    """Where an idea comes from, for the first draft: the words of the page as a quotation, and its address."""
    quoted = "\n".join(f"> {line}" for line in idea.quote.splitlines())
    return "\n\n".join(part for part in (quoted, f"<{idea.url}>" if idea.url else "") if part)
