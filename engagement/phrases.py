"""How a condition reads: one sentence for a whole tree, in the reader's language.

A leaf that carries `named` (what its value was called when it was kept) is said with that name, whatever became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from engagement.conditions import FIELDS, Tree, leaves
from listening import networks
from listening.languages import language_name, languages
from listening.models import Channel, Mention, Source, Topic, TrackingQuery
from listening.networks import label_of
from roles.wording import quoted

ROWS: dict[str, Any] = {"query": TrackingQuery, "topic": Topic, "source": Source, "channel": Channel}
# What a condition is about, where one chooses it.
ABOUT = {
    "words": gettext_lazy("Words"),
    "query": gettext_lazy("Tracking query"),
    "topic": gettext_lazy("Topic"),
    "sentiment": gettext_lazy("Sentiment"),
    "language": gettext_lazy("Language"),
    "network": gettext_lazy("Network"),
    "source": gettext_lazy("Source"),
    "channel": gettext_lazy("Channel that it was said to"),
    "author_handle": gettext_lazy("Author's handle"),
    "author_name": gettext_lazy("Author's name"),
    "followers": gettext_lazy("Author's followers, where the network tells"),
    "spoke_before": gettext_lazy("Whether we spoke with the author before"),
    "internal": gettext_lazy("Whether it was said internally"),
    "reply": gettext_lazy("Whether it is a reply"),
    "media": gettext_lazy("Whether it has a picture or film"),
    "link": gettext_lazy("Whether it has a link"),
    "hour": gettext_lazy("Hour of the day"),
    "weekday": gettext_lazy("Day of the week"),
    "sentiment_score": gettext_lazy("Sentiment as a number"),
    "relevance": gettext_lazy("Relevance"),
    "story_size": gettext_lazy("Size of its story"),
    "warning": gettext_lazy("Whether a warning is running"),
}
OPERATORS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "does_not_contain": gettext_lazy("does not contain"),
    "say": gettext_lazy("say"),
    "do_not_say": gettext_lazy("do not say"),
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
}
PAIRS = (("is", "is_not"), ("contains", "does_not_contain"), ("say", "do_not_say"))
OPPOSITES = dict(PAIRS) | {two: one for one, two in PAIRS}
WEEKDAYS = (
    gettext_lazy("Monday"), gettext_lazy("Tuesday"), gettext_lazy("Wednesday"), gettext_lazy("Thursday"),
    gettext_lazy("Friday"), gettext_lazy("Saturday"), gettext_lazy("Sunday"),
)  # fmt: skip
# What one chooses from, where it is no row: values and what they are called.
CHOICES: dict[str, Callable[[], list[tuple[Any, str]]]] = {
    "language": lambda: list(languages()),
    "network": networks.choices,
    "sentiment": lambda: [(value, str(label)) for value, label in Mention.Sentiment.choices],
    "weekday": lambda: [(number, str(day)) for number, day in enumerate(WEEKDAYS, start=1)],
}
Marks = Callable[[str], str]


def named(tree: Tree, names: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    """The tree with what each row that it names is called now, to be kept or said."""
    ((kind, parts),) = tree.items()
    found: list[Any] = []
    for part in parts:
        if "field" not in part:
            found.append(named(part, names))
        elif part["field"] in ROWS:
            found.append({**part, "named": names.get((part["field"], part["value"]), "")})
        else:
            found.append(part)
    return {kind: found}


def names_for(trees: Iterable[Tree]) -> dict[tuple[str, int], str]:
    """What the rows are called that trees name; one query for each kind that is named."""
    wanted: dict[str, set[int]] = {}
    for tree in trees:
        for leaf in leaves(tree):
            if leaf["field"] in ROWS:
                wanted.setdefault(leaf["field"], set()).add(leaf["value"])
    return {(kind, row.pk): str(row) for kind, keys in wanted.items() for row in ROWS[kind].objects.filter(pk__in=keys)}


def sentence(tree: Tree) -> str:
    """The tree in words, as what stands behind “when”: “it matches “Us” and it sounds negative”."""
    return _said(tree, quoted)


def sentence_html(tree: Tree) -> SafeString:
    """The same for a page, with what is asked for standing out."""
    said = _said(tree, lambda value: format_html("<strong>{}</strong>", value))
    return mark_safe(said)  # noqa: S308 -- every value was escaped by the mark, all else is ours


def _said(tree: Tree, mark: Marks, *, inside: bool = False) -> str:
    if "field" in tree:
        return leaf_in_words(tree, mark)
    ((kind, parts),) = tree.items()
    if not parts:
        return _("it is captured")
    if kind == "none" and len(parts) == 1 and (opposite := _opposite(parts[0])):
        return leaf_in_words(opposite, mark)
    if kind == "none":
        said = _(" or ").join(_said(part, mark, inside=len(parts) > 1) for part in parts)
        return _("it is not so that (%(said)s)") % {"said": said}
    joint = _(" and ") if kind == "all" else _(" or ")
    said = joint.join(_said(part, mark, inside=len(parts) > 1) for part in parts)
    return f"({said})" if inside and len(parts) > 1 else said


def _opposite(part: Tree) -> Tree | None:
    """The condition that holds exactly where this one does not, where there is one."""
    if "field" not in part:
        return None
    if FIELDS[part["field"]].kind == "flag":
        return {**part, "value": not part["value"]}
    turned = OPPOSITES.get(part["operator"])
    return {**part, "operator": turned} if turned else None


def leaf_in_words(leaf: Tree, mark: Marks) -> str:
    """One condition in words."""
    name, operator = leaf["field"], leaf["operator"]
    if FIELDS[name].kind == "flag":
        return _flag(name, leaf["value"])
    phrases = {
        ("query", "is"): _("it matches %(is)s"),
        ("query", "is_not"): _("it does not match %(is)s"),
        ("topic", "is"): _("it is about %(is)s"),
        ("topic", "is_not"): _("it is not about %(is)s"),
        ("source", "is"): _("it comes from %(is)s"),
        ("source", "is_not"): _("it does not come from %(is)s"),
        ("channel", "is"): _("it was said to %(is)s"),
        ("channel", "is_not"): _("it was not said to %(is)s"),
        ("network", "is"): _("it was said on the network %(is)s"),
        ("network", "is_not"): _("it was not said on the network %(is)s"),
        ("language", "is"): _("it is written in %(is)s"),
        ("language", "is_not"): _("it is not written in %(is)s"),
        ("sentiment", "is"): _("it sounds %(is)s"),
        ("sentiment", "is_not"): _("it does not sound %(is)s"),
        ("sentiment_score", "at_least"): _("its sentiment is at least %(is)s"),
        ("sentiment_score", "at_most"): _("its sentiment is at most %(is)s"),
        ("relevance", "at_least"): _("its relevance is at least %(is)s"),
        ("relevance", "at_most"): _("its relevance is at most %(is)s"),
        ("words", "say"): _("it says %(is)s"),
        ("words", "do_not_say"): _("it does not say %(is)s"),
        ("author_handle", "is"): _("its author is @%(is)s"),
        ("author_handle", "is_not"): _("its author is not @%(is)s"),
        ("author_handle", "contains"): _("its author's handle contains %(is)s"),
        ("author_handle", "does_not_contain"): _("its author's handle does not contain %(is)s"),
        ("author_name", "is"): _("its author is called %(is)s"),
        ("author_name", "is_not"): _("its author is not called %(is)s"),
        ("author_name", "contains"): _("its author's name contains %(is)s"),
        ("author_name", "does_not_contain"): _("its author's name does not contain %(is)s"),
        ("followers", "at_least"): _("its author is known to have %(is)s followers or more"),
        ("followers", "at_most"): _("its author is known to have %(is)s followers or fewer"),
        ("hour", "at_least"): _("it is %(is)s or later"),
        ("hour", "at_most"): _("it is before %(is)s"),
        ("weekday", "is"): _("it is a %(is)s"),
        ("weekday", "is_not"): _("it is not a %(is)s"),
        ("story_size", "at_least"): _("it was told at least %(is)s times"),
        ("story_size", "at_most"): _("it was told at most %(is)s times"),
    }
    return phrases[name, operator] % {"is": mark(value_in_words(leaf))}


def _flag(name: str, yes: bool) -> str:
    phrases = {
        "spoke_before": (_("we spoke with its author before"), _("we never spoke with its author")),
        "internal": (_("it was said internally"), _("it was not said internally")),
        "reply": (_("it is a reply"), _("it is not a reply")),
        "media": (_("it has a picture or film"), _("it has no picture or film")),
        "link": (_("it has a link"), _("it has no link")),
        "warning": (
            _("a warning is running for its query or topic"),
            _("no warning is running for its query or topic"),
        ),
    }
    return phrases[name][0 if yes else 1]


def value_in_words(leaf: Tree) -> str:
    """What a condition asks for, as people say it."""
    value = leaf["value"]
    match leaf["field"]:
        case "language":
            return language_name(value)
        case "sentiment":
            return str(Mention.Sentiment(value).label).lower()
        case "network":
            return label_of(str(value))
        case "weekday":
            return str(WEEKDAYS[value - 1])
        case "hour":
            return f"{value if leaf['operator'] == 'at_least' else value + 1}:00"
        case "followers":
            return number_format(value, force_grouping=True)
        case "author_handle":
            return str(value).lstrip("@")
        case "query" | "topic" | "source" | "channel":
            return leaf.get("named") or pgettext("a row that is gone", "something that is gone")
    return str(value)
