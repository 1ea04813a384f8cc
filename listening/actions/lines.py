"""Lines of the stream that stand for a whole story: a decision goes for later arrivals, until it is undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from listening.actions.mentions import hold, let_go, write
from listening.actions.stories import FOLLOWING
from listening.models import BulkDecision, Mention, Story
from listening.stories.writing import hold_story_rows
from listening.triage import Triage
from roles.audit import record
from roles.models import Member

AT_ONCE = 200
_KEPT = ("follow_state", "follow_department_id", "follow_code", "follow_reason", "followed_by_id")


def follow(bulk: BulkDecision, triage: Triage, stories: Iterable[int], *, by: Member | None, at: datetime) -> None:
    """Let what arrives of these stories later be decided the same way, and keep what was decided for them before."""
    newest = Mention.objects.newest_first().values_list("pk", flat=True).first() or 0
    bulk.story_ids, bulk.newest_id, bulk.next_id = sorted(stories), newest, newest
    for story in Story.objects.filter(pk__in=bulk.story_ids).order_by("pk"):
        bulk.followed_before.append({"id": story.pk, **{name: getattr(story, name) for name in _KEPT}})
        before = {"state": story.follow_state}
        story.follow_state, story.follow_department, story.followed_by = triage.state, triage.to, by
        story.follow_code, story.follow_reason = triage.code, triage.reason.strip()[:200]
        story.save(update_fields=FOLLOWING)
        record("decide_story", story, by=by, at=at, before=before, after={"state": story.follow_state})
    bulk.save(update_fields=["story_ids", "newest_id", "next_id", "followed_before"])


def follow_no_more(bulk: BulkDecision, *, by: Member | None, at: datetime) -> None:
    """Let later arrivals be decided as they were before, where nobody has said something else since."""
    hold_story_rows(bulk.story_ids)
    stories = Story.objects.in_bulk(bulk.story_ids)
    made = Triage(bulk.verb).state
    for kept in bulk.followed_before:
        story = stories.get(kept["id"])
        if story is None or (story.follow_state, story.follow_department_id) != (made, bulk.department_id):
            continue
        for name in _KEPT:
            setattr(story, name, kept[name])
        story.save(update_fields=FOLLOWING)
        record("restore_story", story, by=by, at=at, before={"state": made}, after={"state": story.follow_state})


def put_followers_back(bulk: BulkDecision, *, by: Member | None, at: datetime) -> bool:
    """Put back some of those that came later and followed; returns whether these were the last."""
    rows = Mention.objects.filter(
        story__in=bulk.story_ids, state=Triage(bulk.verb).state, triaged_by=None, triaged_at__gte=bulk.created_at
    )
    keys = list(rows.filter(pk__gt=bulk.next_id).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not keys:
        return True
    back = Triage("restore")
    fields = {**back.fields(), "state": back.state, "triaged_at": None, "triaged_by_id": None}
    write(let_go(hold(keys), by=by, at=at), "undo_bulk", fields, by=by, at=at)
    bulk.next_id = keys[-1]
    bulk.save(update_fields=["next_id"])
    return len(keys) < AT_ONCE
