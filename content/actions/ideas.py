"""Ideas: noting, dropping, picking up again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from content.models import Idea
from listening.models import Mention
from roles.audit import record
from roles.models import Member
from roles.permissions import allowed


def note_idea(text: str, *, mention: Mention | None = None, by: Member | None, at: datetime) -> Idea:
    """Note a thought for something to publish; without words of its own it is what the mention says."""
    words = text.strip() or (str(mention.post.title or mention.post.text).strip() if mention else "")
    return _note(mention, text=words[:2000], by=by, at=at)


@allowed("content.note_idea")
@transaction.atomic
def _note(mention: Mention | None, *, text: str, by: Member | None, at: datetime) -> Idea:
    idea = Idea(text=text, mention=mention, noted_at=at, noted_by=by)
    idea.full_clean(exclude=["noted_by", "mention"])
    idea.save()
    record("note_idea", idea, by=by, at=at, after={"mention": mention.pk if mention else None})
    return idea


@allowed("content.drop_idea")
@transaction.atomic
def drop_idea(idea: Idea, *, by: Member | None, at: datetime) -> Idea:
    """Put an idea aside; it stays in the records and can be picked up again."""
    return _set(idea, Idea.State.DROPPED, "drop_idea", by=by, at=at)


@allowed("content.pick_up_idea")
@transaction.atomic
def pick_up_idea(idea: Idea, *, by: Member | None, at: datetime) -> Idea:
    """Open a dropped idea again."""
    return _set(idea, Idea.State.OPEN, "pick_up_idea", by=by, at=at)


def _set(idea: Idea, state: Idea.State, verb: str, *, by: Member | None, at: datetime) -> Idea:
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    if idea.state != state:
        idea.state = state
        idea.save(update_fields=["state"])
        record(verb, idea, by=by, at=at)
    return idea
