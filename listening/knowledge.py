"""What the machine knows: for each kind of judgement what judges now, how well, since when, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listening.explaining import names_of_marks
from listening.languages import language_name
from listening.lessons import Lesson, lessons
from listening.models import LearnedModel, Mention, Topic

Kind, State = LearnedModel.Kind, LearnedModel.State
WORDS_SHOWN = 8
SHORTEST_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the small picture: how many of a hundred were right."""

    name: str
    percent: int
    is_now: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What the machine knows about one kind of judgement (in one language)."""

    key: str
    title: str
    current: LearnedModel | None
    summary: str
    wish: str
    bars: list[Bar]
    confusion: tuple[list[str], list[tuple[str, list[int]]]]
    # A label in words, and what speaks most for it.
    words: list[tuple[str, list[str]]]
    history: list[LearnedModel] = field(default_factory=list)


def knowledge() -> list[Subject]:
    """Everything that the machine knows or could learn, in a fixed order."""
    rows = list(LearnedModel.objects.without_content().order_by("-version").select_related("by__user"))
    words = dict(LearnedModel.objects.current().values_list("pk", "words"))
    topics = {str(key): name for key, name in Topic.objects.values_list("pk", "name")}
    names = _names(words.values())
    found = []
    for lesson in lessons():
        history = [row for row in rows if (row.kind, row.language) == (lesson.kind, lesson.language)]
        current = next((row for row in history if row.state == State.CURRENT), None)
        spoken = _words(current, words.get(current.pk, {}) if current else {}, topics, names)
        found.append(
            Subject(
                key=f"{lesson.kind}_{lesson.language}".rstrip("_"),
                title=title_of(lesson.kind, lesson.language),
                current=current,
                summary=_summary(lesson.kind, current),
                wish=_wish(lesson),
                bars=_bars(current),
                confusion=_confusion(current, topics),
                words=spoken,
                history=history,
            )
        )
    return found


def title_of(kind: str, language: str) -> str:
    """A kind of judgement as a heading."""
    if kind == Kind.SENTIMENT:
        return _("Sentiment in %(language)s") % {"language": language_name(language)}
    return str(Kind(kind).label)


def _summary(kind: str, current: LearnedModel | None) -> str:
    if current is None:
        return {
            str(Kind.SENTIMENT): _("The lexicon that comes with Touchline judges."),
            str(Kind.TOPIC): _("No topic is suggested yet."),
            str(Kind.RELEVANCE): _("The stream is not ordered by relevance yet."),
        }[kind]
    right = percent(current.evaluation.get("accuracy"))
    said = _("Learned from %(examples)s decisions of your people.") % {"examples": current.examples}
    said += " " + _("Of those that it had not seen it got %(right)s of 100 right.") % {"right": right}
    before = current.evaluation.get("before") or {}
    if before.get("accuracy") is None:
        return said
    was = _("the lexicon") if not before.get("version") else _("version %(version)s") % {"version": before["version"]}
    return said + " " + _("Before, %(was)s got %(right)s.") % {"was": was, "right": percent(before["accuracy"])}


def percent(share: float | None) -> int:
    """A share in whole percent."""
    return round((share or 0) * 100)


def _wish(lesson: Lesson) -> str:
    more = lesson.wants()
    what = {
        str(Kind.SENTIMENT): ngettext(
            "%(n)s more correction of sentiment in this language, and it learns again.",
            "%(n)s more corrections of sentiment in this language, and it learns again.",
            more,
        ),
        str(Kind.TOPIC): ngettext(
            "%(n)s more mention with a topic that a person gave, and it learns again.",
            "%(n)s more mentions with a topic that a person gave, and it learns again.",
            more,
        ),
        str(Kind.RELEVANCE): ngettext(
            "%(n)s more decision in the stream, and it learns again.",
            "%(n)s more decisions in the stream, and it learns again.",
            more,
        ),
    }[lesson.kind]
    if not more:
        return _("Enough was said to learn again; it happens within minutes.")
    return what % {"n": more}


def _bars(current: LearnedModel | None) -> list[Bar]:
    if current is None:
        return []
    before = current.evaluation.get("before") or {}
    bars = [Bar(_("Now"), percent(current.evaluation.get("accuracy")), is_now=True)]
    if before.get("accuracy") is not None:
        bars.insert(0, Bar(_("Before"), percent(before["accuracy"]), is_now=False))
    return bars


def _confusion(current: LearnedModel | None, topics: dict[str, str]) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """What people said by what the machine says: the heads, and a row for each."""
    table: dict[str, dict[str, int]] = (current.evaluation.get("confusion") or {}) if current else {}
    if current is None or not table:
        return [], []
    labels = _in_order(current.kind, list(table))
    heads = [label_in_words(current.kind, label, topics) for label in labels]
    return heads, [
        (head, [table[truth].get(said, 0) for said in labels]) for head, truth in zip(heads, labels, strict=True)
    ]


def _in_order(kind: str, labels: list[str]) -> list[str]:
    return sorted(labels, key=int) if kind == Kind.SENTIMENT else sorted(labels, reverse=kind == Kind.RELEVANCE)


def label_in_words(kind: str, label: str, topics: dict[str, str]) -> str:
    """An answer of a model as people call it."""
    if kind == Kind.SENTIMENT:
        return str(Mention.Sentiment(int(label)).label)
    if kind == Kind.RELEVANCE:
        return _("Relevant") if label == "yes" else _("Not relevant")
    return topics.get(label, _("A topic that is gone"))


def _names(all_words: Any) -> dict[str, str]:
    """The words that will be shown, as people call them."""
    shown: set[str] = set()
    for words in all_words:
        for weights in words.values():
            shown.update(_top(weights, 1) + _top(weights, -1))
    return names_of_marks(shown)


def _top(weights: dict[str, float], sign: int) -> list[str]:
    found = sorted(weights, key=lambda word: (-sign * weights[word], word))
    # Short words weigh something, but say nothing to people.
    said = (word for word in found if len(word) >= SHORTEST_SHOWN or not word.isascii())
    return [word for word in said if sign * weights[word] > 0][:WORDS_SHOWN]


def _words(
    current: LearnedModel | None, words: dict[str, dict[str, float]], topics: dict[str, str], names: dict[str, str]
) -> list[tuple[str, list[str]]]:
    """What speaks most for each answer."""
    if current is None or not words:
        return []
    if len(words) == 1:
        [(label, weights)] = words.items()
        other = next((one for one in current.evaluation.get("labels", []) if one != label), "")
        both: Sequence[tuple[str, int]] = ((label, 1), (other, -1))
        return [(label_in_words(current.kind, one, topics), [names[w] for w in _top(weights, s)]) for one, s in both]
    ordered = _in_order(current.kind, list(words))
    return [
        (label_in_words(current.kind, label, topics), [names[word] for word in _top(words[label], 1)])
        for label in ordered
    ]
