"""Which questions keep coming: what different people asked lately in nearly the same words."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models.functions import Left

from content.alike import Likeness, alike_to_each
from listening.matching.folding import SYMBOLS, fold
from listening.models import Mention

# So far back, and so many of the newest at most, is looked at; so many questions are shown.
WINDOW_DAYS = 28
LOOKED_AT, READ, SHOWN = 1500, 600, 20
# From so many on it keeps coming, and from so many people.
TIMES, PEOPLE = 3, 2
# The share of what two questions weigh together that both must have.
SAME = 0.45
STEM = 6
_QUESTION = re.compile(r"[^.!?\n？！。؟…]{8,240}[?？؟]")
_PER_MENTION = 3


@dataclass
class Question:
    """A question with everybody who asked it, in the words of who asked last."""

    text: str
    mention: int
    last_at: datetime
    weights: dict[str, float]
    asked: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    ideas: list[Likeness] = field(default_factory=list)

    @property
    def times(self) -> int:
        """How often it was asked, each story once."""
        return len(self.asked)


def recurring_questions(*, at: datetime) -> list[Question]:
    """The questions of the last weeks that keep coming, each with the ideas that say the same; two statements."""
    rows = Mention.objects.exclude(state=Mention.State.DISMISSED).filter(
        captured_at__gte=at - timedelta(days=WINDOW_DAYS), post__is_ours=False, post__withdrawn_at=None,
        post__cleaned_at=None, post__is_internal=False,
    )  # fmt: skip
    read = rows.order_by("-pk").values_list(
        "pk", "story", "post__author", "captured_at", Left("post__title", READ), Left("post__text", READ)
    )
    asked = [
        (mention, -story if story else mention, author or -mention, moment, text, stems)
        for mention, story, author, moment, title, body in read[:LOOKED_AT]
        for text in questions_in(f"{title}\n{body}")
        if len(stems := stems_of(text)) >= 2
    ]
    found = _gather(asked)
    shown = [one for one in found if one.times >= TIMES and len(one.people) >= PEOPLE]
    shown.sort(key=lambda one: (-len(one.people), -one.times, -one.mention))
    shown = shown[:SHOWN]
    for one, ideas in zip(shown, alike_to_each([one.text for one in shown]), strict=True):
        one.ideas = ideas
    return shown


def questions_in(text: str) -> list[str]:
    """Return the sentences of a text that ask something."""
    found = (" ".join(sentence.split()) for sentence in _QUESTION.findall(text))
    return list(dict.fromkeys(found))[:_PER_MENTION]


def stems_of(text: str) -> frozenset[str]:
    """Return the beginnings of the words that a question consists of; short words only where nothing else is said."""
    words = [word for word in fold(text).split() if word not in SYMBOLS]
    return frozenset(word[:STEM] for word in words if len(word) > 3 or not word.isascii())


def _gather(asked: list[tuple[int, int, int, datetime, str, frozenset[str]]]) -> list[Question]:
    """Put each question to the first that asks the same: what stands in few of them weighs more than “anyone”."""
    often = Counter(stem for *_who, stems in asked for stem in stems)
    weight = {stem: math.log(1 + len(asked) / count) for stem, count in often.items()}
    found: list[Question] = []
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for mention, story, author, moment, text, stems in asked:
        mine = {stem: weight[stem] for stem in stems}
        telling = sorted(stems, key=lambda stem: often[stem])[:4]
        near = dict.fromkeys(place for stem in telling for place in holding[stem])
        judged = [(_same(mine, found[place].weights), -place) for place in near]
        best = max(judged, default=(0.0, 0))
        if best[0] >= SAME:
            one = found[-best[1]]
        else:
            one = Question(text, mention, moment, mine)
            for stem in stems:
                holding[stem].append(len(found))
            found.append(one)
        one.asked.add(story)
        one.people.add(author)
    return found


def _same(one: dict[str, float], other: dict[str, float]) -> float:
    both = one.keys() & other.keys()
    every = sum((one | other).values())
    return sum(one[stem] for stem in both) / every if every else 0.0
