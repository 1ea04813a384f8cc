"""Fold what was captured into stories: in the background, a batch at a time, each mention once.

One worker at a time folds for an organization: it holds the organization's row of `Folding`, and so does whoever moves
mentions between stories by hand. A batch is one transaction. Who dies on the way has done nothing, and the mentions
that it looked at still have no fingerprint, so the next one looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from listening.models import Folding, Mention, Story
from listening.stories import writing
from listening.stories.likeness import Telling, keys_of, likeness, resemblance, tell
from listening.stories.writing import Row

# How far back the first telling of a story is looked for.
WINDOW = timedelta(days=14)
BATCH = 300
# No transaction lives longer: what was captured before this is visible.
LAG = timedelta(minutes=15)
# So many tellings of one story keep their keys; who is like the others is like these.
KEYED = 20
CANDIDATES, FROM_ONE_STORY = 60, 3
# At the same address, this share of the shorter's shingles is enough.
AT_ONE_ADDRESS = 0.3
# Who is like a later telling must still share this much with the first.
NEAR_FIRST = 0.4


class StoryIsHeld(Exception):
    """Somebody decides about a story of the batch at this moment; the batch is looked at again."""


@dataclass(slots=True)
class Folded:
    """What one batch came to: how many mentions were looked at, and which joined stories that were there."""

    looked_at: int = 0
    joined: dict[int, list[int]] = field(default_factory=dict)  # mentions by story


def begin_to_fold(at: datetime) -> None:
    """Write down where folding begins, if nobody has; outside a transaction, nobody waits for whoever is first."""
    if not Folding.objects.exists():
        Folding.objects.bulk_create([Folding(done_until=at - WINDOW)], ignore_conflicts=True)


def fold_batch(*, at: datetime) -> Folded:
    """Look at one batch of the active organization's mentions; nothing where another worker is at it.

    Must run inside a transaction, which keeps everybody else from moving mentions between stories. It holds mentions
    first, so it never waits for a story that somebody holds: it raises StoryIsHeld, and all is as it was.
    """
    folding = Folding.objects.select_for_update(skip_locked=True).first()
    if folding is None:
        return Folded()
    found = writing.due(folding.done_until, limit=BATCH)
    rows = writing.held([key for key, _at in found])
    folded = _Batch(rows, at=at).write() if rows else Folded()
    _move_on(folding, found, {row.mention_id for row in rows}, at=at)
    return folded


def hold_stories(at: datetime) -> None:
    """Wait until nobody else moves mentions between stories, and keep it so until the transaction ends."""
    begin_to_fold(at)
    Folding.objects.select_for_update().get()


def _move_on(folding: Folding, found: list[tuple[int, datetime]], seen: set[int], *, at: datetime) -> None:
    """Never look again at what is done: up to the first that was passed over, or that may not be visible yet."""
    bounds = [at - LAG, *(moment for key, moment in found if key not in seen)]
    if len(found) >= BATCH:
        bounds.append(max(moment for _key, moment in found[:BATCH]))
    if (until := min(bounds)) > folding.done_until:
        Folding.objects.filter(pk=folding.pk).update(done_until=until)


class _Batch:
    """Mentions that are placed one after the other, and what they are compared with."""

    def __init__(self, rows: list[Row], *, at: datetime) -> None:
        self.at = at
        self.rows = sorted(rows, key=lambda row: (row.captured_at, row.mention_id))
        self.known: dict[int, Row] = {row.mention_id: row for row in rows}
        self.tellings: dict[int, Telling] = {}
        self.keys = {row.mention_id: self._keys(row) for row in rows}
        self.before = {row.mention_id: row.story_id for row in rows}
        # Where each mention stands now; a story that is made here has a negative key.
        self.story: dict[int, int] = {}
        self.first: dict[int, int] = {}
        self.merged: dict[int, int] = {}
        self._read_candidates()

    def _keys(self, row: Row) -> list[int]:
        if row.is_withdrawn:
            return []
        return keys_of(
            self._telling(row), addresses=(row.url_key, row.piece), apart="internal" if row.is_internal else ""
        )

    def _telling(self, row: Row) -> Telling:
        if row.mention_id not in self.tellings:
            self.tellings[row.mention_id] = tell(row.title, row.text)
        return self.tellings[row.mention_id]

    def _read_candidates(self) -> None:
        wanted = {row.mention_id: self.keys[row.mention_id] for row in self.rows if not row.is_pinned}
        found = writing.candidates(wanted, since=self.at - WINDOW, limit=CANDIDATES)
        self.candidates = {mention: _few_of_each(others) for mention, others in found.items()}
        stories = {story for others in self.candidates.values() for _other, story in others if story}
        self.first = writing.first_of(stories)
        self.by_hand = set(
            Story.objects.filter(~Q(follow_state="") | Q(is_by_hand=True), pk__in=stories).values_list("pk", flat=True)
        )
        self.sizes = dict(Story.objects.filter(pk__in=stories).values_list("pk", "size"))
        others = {other for others in self.candidates.values() for other, _story in others} | set(self.first.values())
        for row in writing.read(others - self.known.keys()):
            self.known[row.mention_id] = row
            # Who was told apart by a person draws nobody after it.
            if row.story_id or not row.is_pinned:
                self.story[row.mention_id] = row.story_id or 0
        self._meet_each_other()

    def _meet_each_other(self) -> None:
        """Mentions of the batch find each other too, the later the earlier."""
        by_key: dict[int, list[int]] = {}
        for row in self.rows:
            met: dict[int, None] = {}
            for key in self.keys[row.mention_id]:
                there = by_key.setdefault(key, [])
                met.update(dict.fromkeys(there))
                if len(there) < FROM_ONE_STORY:
                    there.append(row.mention_id)
            mine = self.candidates.setdefault(row.mention_id, [])
            known = {other for other, _story in mine}
            mine += [(other, 0) for other in met if other not in known]

    def write(self) -> Folded:
        """Place all and write down where they stand."""
        for row in self.rows:
            if row.is_withdrawn:
                continue
            if row.is_pinned:
                self.story[row.mention_id] = row.story_id or 0
            else:
                self._place(row)
        stood = {row.story_id for row in self.known.values() if row.story_id}
        wholes = {self._whole(story) for story in self.story.values()}
        touched = stood | wholes | set(self.merged) | set(self.merged.values())
        if not writing.hold_story_rows((story for story in touched if story > 0), wait=False):
            raise StoryIsHeld
        made = self._made()
        moved: dict[int, int | None] = {}
        for mention, where in self.story.items():
            now = made.get(self._whole(where), self._whole(where)) or None
            if now != self.known[mention].story_id:
                moved[mention] = now
        moved |= {row.mention_id: None for row in self.rows if row.is_withdrawn and row.story_id}
        writing.place(moved)
        for lesser, whole in self.merged.items():
            Mention.objects.filter(story_id=lesser).update(story_id=made.get(whole, whole))
            Story.objects.filter(pk=lesser).update(merged_into=made.get(whole, whole))
        touched = {story for story in moved.values() if story} | set(self.merged) | set(self.merged.values())
        touched |= {story for row in self.rows if (story := row.story_id)}
        writing.count_again(story for story in touched if story > 0)
        self._keep_fingerprints()
        return self._folded(moved)

    def _place(self, row: Row) -> None:
        """Put a mention into the story that is most like it, or leave it alone."""
        liked = sorted(self._liked(row), reverse=True)
        if not liked:
            self.story[row.mention_id] = 0
            return
        stories = [
            story
            for _like, _older, other in liked
            if (story := self._whole(self.story[other])) and self._may_join(row.mention_id, story, by=other)
        ]
        alone = [other for _like, _older, other in liked if not self.story[other]]
        if not (stories or alone):
            self.story[row.mention_id] = 0
            return
        if stories:
            target = stories[0]
        else:
            target = -len(self.first) - 1
            self.first[target], self.story[alone[0]] = alone[0], target
        self.story[row.mention_id] = target
        for other in stories[1:]:
            self._merge(target, self._whole(other))
        target = self._whole(target)
        for other in alone:
            if not self.story[other] and self._alike(other, self.first[target]):
                self.story[other] = target

    def _liked(self, row: Row) -> Iterable[tuple[float, int, int]]:
        """The placed mentions that tell the same, as (how alike, minus the key, the key): the first of equals wins."""
        for other, _story in self.candidates.get(row.mention_id, ()):
            if other in self.story and (like := self._alike(row.mention_id, other)):
                yield like, -other, other

    def _alike(self, one: int, other: int) -> float:
        a, b = self.known[one], self.known[other]
        if a.is_internal != b.is_internal or a.is_withdrawn or b.is_withdrawn:
            return 0.0
        tells, told = self._telling(a), self._telling(b)
        like = likeness(tells, told)
        if not like and ((a.url_key and a.url_key == b.url_key) or (a.piece and a.piece == b.piece)):
            fewer = min(len(tells.shingles), len(told.shingles))
            if len(tells.shingles & told.shingles) >= AT_ONE_ADDRESS * max(fewer, 1):
                return AT_ONE_ADDRESS
        return like

    def _may_join(self, mention: int, story: int, *, by: int) -> bool:
        """Whether it still resembles what the story began with: small changes in a row must not lead far away.

        What a person put into the story leads into it whatever the first telling was.
        """
        first = self.first[story]
        if self.known[by].is_pinned or self._alike(mention, first):
            return True
        return resemblance(self._telling(self.known[mention]), self._telling(self.known[first])) >= NEAR_FIRST

    def _whole(self, story: int) -> int:
        """The story into which this one went."""
        while story in self.merged:
            story = self.merged[story]
        return story

    def _merge(self, one: int, other: int) -> None:
        """Make two stories one if their first tellings are alike and no person had a hand in either."""
        one = self._whole(one)
        if one == other or {one, other} & self.by_hand or not self._alike(self.first[one], self.first[other]):
            return
        # The elder stays; one that is made here has no place to be kept at.
        lesser, whole = (one, other) if (one < 0 or 0 < other < one) else (other, one)
        self.merged[lesser] = whole

    def _made(self) -> dict[int, int]:
        """Write the stories that are new; returns their keys by those that they had here."""
        wanted = sorted({story for story in map(self._whole, self.story.values()) if story < 0}, reverse=True)
        rows = [Story(first_at=self.at, last_at=self.at, size=0) for _ in wanted]
        return dict(zip(wanted, (row.pk for row in Story.objects.bulk_create(rows)), strict=True))

    def _keep_fingerprints(self) -> None:
        rows = []
        for row in self.rows:
            is_one_of_many = self.sizes.get(self.story.get(row.mention_id, 0), 0) >= KEYED
            keys = [] if is_one_of_many else self.keys[row.mention_id]
            rows.append({"mention_id": row.mention_id, "keys": keys, "captured_at": row.captured_at})
        writing.write_fingerprints(rows)

    def _folded(self, moved: dict[int, int | None]) -> Folded:
        folded = Folded(len(self.rows))
        for row in self.rows:
            if (story := moved.get(row.mention_id)) and story not in self.merged:
                folded.joined.setdefault(story, []).append(row.mention_id)
        return folded


def _few_of_each(others: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Some of each story, the first ones, and all that stand alone."""
    seen: dict[int, int] = {}
    kept = []
    for other, story in sorted(others):
        seen[story] = seen.get(story, 0) + 1
        if not story or seen[story] <= FROM_ONE_STORY:
            kept.append((other, story))
    return kept
