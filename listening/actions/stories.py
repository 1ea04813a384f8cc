"""Stories: folded by the application, split and merged by hand, and decided about as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from listening.actions import mentions as triage
from listening.models import Correction, Mention, Story
from listening.signals import stories_grown
from listening.stories import writing
from listening.stories.gathering import BATCH, WINDOW, StoryIsHeld, begin_to_fold, fold_batch, hold_stories
from listening.triage import Triage
from roles.audit import record
from roles.levels import ASSIGNMENTS
from roles.live import look_again
from roles.models import Department, Member
from roles.permissions import allowed, require_open

FOLLOWING = ["follow_state", "follow_department", "follow_code", "follow_reason", "followed_by"]
ROUNDS = 200  # a task has its time; the next one goes on where this one stopped


def fold_due(*, at: datetime) -> int:
    """Fold what the active organization captured into stories; returns how many mentions were looked at."""
    begin_to_fold(at)
    looked_at = 0
    for _round in range(ROUNDS):
        try:
            with transaction.atomic():
                folded = fold_batch(at=at)
                _follow(folded.joined, at=at)
                if folded.joined:
                    stories_grown.send(Story, stories=sorted(folded.joined), at=at)
                    look_again("stream")
        except StoryIsHeld:
            continue
        looked_at += folded.looked_at
        if folded.looked_at < BATCH:
            break
    return looked_at


def tidy(*, at: datetime) -> int:
    """Count stories again whose mentions were cleaned up; returns how many were empty for long and are gone."""
    with transaction.atomic():
        hold_stories(at)
        writing.count_again(writing.miscounted())
        return Story.objects.filter(size=0, last_at__lt=at - 2 * WINDOW).delete()[0]


def _follow(joined: dict[int, list[int]], *, at: datetime) -> None:
    """Decide about later arrivals as a person decided about their story."""
    for story in Story.objects.filter(pk__in=joined).exclude(follow_state="").select_related("follow_department"):
        waiting = Mention.objects.untriaged().filter(pk__in=joined[story.pk])
        _decide(story, waiting, by=None, at=at)


def _decide(story: Story, mentions: Iterable[Mention], *, by: Member | None, at: datetime) -> int:
    """Decide about mentions as the story says; returns how many."""
    if story.follow_state == Mention.State.DISMISSED:
        reason = story.follow_reason or gettext_noop("As was decided for its whole story.")
        verdict = Triage("dismiss", code=story.follow_code, reason=reason)
    elif story.follow_state == Mention.State.KEPT:
        verdict = Triage("keep")
    elif story.follow_department is not None:
        verdict = Triage("route_to", to=story.follow_department)
    else:
        return 0
    # What somebody decided about meanwhile is left as it is.
    held = [row for row in triage.hold([row.pk for row in mentions]) if row.state == Mention.State.UNTRIAGED]
    return len(triage.apply(held, verdict, by=by, at=at)) if held else 0


@allowed("listening.triage")
@transaction.atomic
def dismiss_story(story: Story, *, reason: str = "", follow: bool = False, by: Member | None, at: datetime) -> int:
    """Say that a whole story is not relevant, and with `follow` what arrives of it later too; returns how many."""
    story = _held(story, at=at)
    story.follow_state, story.follow_department, story.follow_code = Mention.State.DISMISSED, None, ""
    story.follow_reason = reason.strip()[:200]
    return _decide_all(story, "dismiss_story", follow=follow, by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def route_story(story: Story, *, department: Department, follow: bool = False, by: Member | None, at: datetime) -> int:
    """Give a whole story to a department, and with `follow` what arrives of it later too; returns how many."""
    require_open(ASSIGNMENTS, department)
    story = _held(story, at=at)
    story.follow_state, story.follow_department = Mention.State.ROUTED, department
    story.follow_code = story.follow_reason = ""
    return _decide_all(story, "route_story", follow=follow, by=by, at=at)


def _decide_all(story: Story, verb: str, *, follow: bool, by: Member | None, at: datetime) -> int:
    decided = _decide(story, Mention.objects.untriaged().of_story(story), by=by, at=at)
    after = {"state": story.follow_state, "mentions": decided, "follow": follow}
    if follow:
        story.followed_by = by
    else:
        _forget_decision(story)
    story.save(update_fields=FOLLOWING)
    record(verb, story, by=by, at=at, after=after)
    look_again("stream")
    return decided


@allowed("listening.triage")
@transaction.atomic
def restore_story(story: Story, *, by: Member | None, at: datetime) -> int:
    """Put what was dismissed of a story back into the stream, and let later arrivals wait again; returns how many."""
    story = _held(story, at=at)
    dismissed = Mention.objects.of_story(story).filter(state=Mention.State.DISMISSED)
    held = [row for row in triage.hold([row.pk for row in dismissed]) if row.state == Mention.State.DISMISSED]
    restored = len(triage.apply(held, Triage("restore"), by=by, at=at)) if held else 0
    before = {"state": story.follow_state}
    _forget_decision(story)
    story.save(update_fields=FOLLOWING)
    record("restore_story", story, by=by, at=at, before=before, after={"mentions": restored})
    look_again("stream")
    return restored


def _forget_decision(story: Story) -> None:
    story.follow_state, story.follow_department, story.followed_by = "", None, None
    story.follow_code = story.follow_reason = ""


@allowed("listening.triage")
@transaction.atomic
def split_off(mention: Mention, *, by: Member | None, at: datetime) -> Mention:
    """Say that a mention does not belong to its story; no machine folds it again."""
    hold_stories(at)
    [mention] = triage.hold([mention.pk])
    if mention.story_id is None:
        raise ValidationError(_("This mention belongs to no story."))
    _say(Mention.objects.filter(pk=mention.pk), None, by=by, at=at)
    record("split_off", mention, by=by, at=at, before={"story": mention.story_id})
    _settle(mention.story_id)
    mention.story = None
    return mention


@allowed("listening.triage")
@transaction.atomic
def join_story(mention: Mention, *, story: Story, by: Member | None, at: datetime) -> Mention:
    """Say that a mention belongs to a story; no machine takes it out again."""
    hold_stories(at)
    writing.hold_story_rows(filter(None, (story.pk, Mention.objects.get(pk=mention.pk).story_id)))
    story = _held(story, at=at)
    [mention] = triage.hold([mention.pk])
    before = mention.story_id
    if before != story.pk:
        _say(Mention.objects.filter(pk=mention.pk), story, by=by, at=at)
        record("join_story", mention, by=by, at=at, before={"story": before}, after={"story": story.pk})
        _settle(*filter(None, (before, story.pk)))
        stories_grown.send(Story, stories=[story.pk], at=at)
        mention.story = story
    return mention


@allowed("listening.triage")
@transaction.atomic
def merge(story: Story, *, into: Story, by: Member | None, at: datetime) -> Story:
    """Make a story part of another; returns the one that stays."""
    hold_stories(at)
    writing.hold_story_rows((story.pk, into.pk))
    story, into = _held(story, at=at), _held(into, at=at)
    if story.pk == into.pk:
        raise ValidationError(_("This is the same story already."))
    _say(Mention.objects.filter(story=story), into, by=by, at=at)
    Story.objects.filter(pk=story.pk).update(merged_into=into)
    record("merge", story, by=by, at=at, after={"into": into.pk, "mentions": story.size})
    _settle(story.pk, into.pk)
    stories_grown.send(Story, stories=[into.pk], at=at)
    into.refresh_from_db()
    return into


@allowed("listening.triage")
@transaction.atomic
def unmerge(story: Story, *, by: Member | None, at: datetime) -> Story:
    """Take a story that was merged by hand out of the other again."""
    hold_stories(at)
    writing.hold_story_rows(filter(None, (story.pk, Story.objects.get(pk=story.pk).merged_into_id)))
    story = Story.objects.select_for_update(of=("self",)).get(pk=story.pk)
    if story.merged_into_id is None:
        return story
    whole = story.merged_into_id
    moved = Correction.objects.filter(kind=Correction.Kind.STORY, value=str(whole), before=str(story.pk))
    keys = list(moved.values_list("mention_id", flat=True))
    # What a person put together and took apart again, a person has decided: the two stay two.
    _say(Mention.objects.filter(pk__in=keys, story_id=whole), story, by=by, at=at)
    Story.objects.filter(pk=story.pk).update(merged_into=None)
    record("unmerge", story, by=by, at=at, before={"into": whole}, after={"mentions": len(keys)})
    _settle(whole, story.pk)
    story.refresh_from_db()
    return story


def _held(story: Story, *, at: datetime) -> Story:
    """The story as it is now, or the one that it became part of; nobody else moves mentions until the end."""
    hold_stories(at)
    found = Story.objects.select_related("follow_department").select_for_update(of=("self",)).get(pk=story.pk)
    while found.merged_into_id is not None:
        found = Story.objects.select_for_update(of=("self",)).get(pk=found.merged_into_id)
    return found


def _say(mentions: Iterable[Mention], story: Story | None, *, by: Member | None, at: datetime) -> None:
    """Move mentions by hand, and keep that a person said so and where they stood before."""
    value = str(story.pk) if story else ""
    rows = [
        Correction(
            mention=mention,
            kind=Correction.Kind.STORY,
            value=value,
            before=str(mention.story_id or ""),
            by=by,
            at=at,
        )
        for mention in mentions
    ]
    Correction.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["mention", "kind"],
        update_fields=["value", "before", "before_by", "by", "at"],
    )
    writing.place({row.mention_id: story.pk if story else None for row in rows})


def _settle(*stories: int) -> None:
    """Count again, and let no machine join these stories with others from now on."""
    Story.objects.filter(pk__in=stories).update(is_by_hand=True)
    writing.count_again(stories)
    look_again("stream")
