"""Why a mention is thought to matter or not: the words and marks in it that weigh most with the model that judges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from listening.appraising import author_of, words_of
from listening.languages import language_name
from listening.models import LearnedModel, Mention, Source, TrackingQuery
from roles.tenancy import active_organization_id

MOST_WORDS = 3
HARDLY_ANY = 0.05

Weights = Mapping[str, float]
_weights: dict[int, tuple[object, Weights]] = {}


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for the relevance of a mention, and what against, the strongest first."""

    more: tuple[str, ...]
    less: tuple[str, ...]


def reasons(mentions: Sequence[Mention]) -> dict[int, Reasons]:
    """Why each of some mentions, their posts and authors read along, has the relevance that it has."""
    weights = _current_weights()
    if not weights:
        return {}
    found = {mention.pk: _strongest(mention, weights) for mention in mentions if mention.relevance is not None}
    names = names_of_marks(mark for more, less in found.values() for mark in (*more, *less))
    return {
        key: Reasons(tuple(names[mark] for mark in more), tuple(names[mark] for mark in less))
        for key, (more, less) in found.items()
    }


def _current_weights() -> Weights:
    """What each word and mark weighs with the model that judges, read anew only when another one does."""
    rows = LearnedModel.objects.current().filter(kind=LearnedModel.Kind.RELEVANCE)
    stamp = rows.values_list("pk", "since_at").first()
    if stamp is None:
        return {}
    key = active_organization_id()
    if key not in _weights or _weights[key][0] != stamp:
        words = rows.values_list("words", flat=True).first() or {}
        _weights[key] = (stamp, words.get("yes", {}))
    return _weights[key][1]


def _strongest(mention: Mention, weights: Weights) -> tuple[list[str], list[str]]:
    here = {word: weights[word] for word in _words_in(mention) if abs(weights.get(word, 0)) > HARDLY_ANY}
    ordered = sorted(here, key=lambda word: (-abs(here[word]), word))
    more = [word for word in ordered if here[word] > 0][:MOST_WORDS]
    return more, [word for word in ordered if here[word] < 0][:MOST_WORDS]


def _words_in(mention: Mention) -> Iterator[str]:
    from listening.learning.features import tokens

    yield from tokens(words_of(mention.post.title, mention.post.text))
    if author := author_of(mention.post.author):
        yield f"author:{author}"
    if mention.source_id:
        yield f"source:{mention.source_id}"
    if mention.language:
        yield f"language:{mention.language}"
    yield from (f"query:{key}" for key in mention.query_ids)


def names_of_marks(words: Iterable[str]) -> dict[str, str]:
    """Words as they are, and marks as people call them: a source and a query by name, an author by handle."""
    listed = set(words)
    sources = Source.objects.in_bulk(_keys(listed, "source"))
    queries = TrackingQuery.objects.in_bulk(_keys(listed, "query"))
    found = {}
    for word in listed:
        kind, _colon, rest = word.partition(":")
        match kind if rest else "":
            case "author":
                found[word] = f"@{rest.lstrip('@')}"
            case "source" if rest.isdecimal():
                found[word] = str(sources.get(int(rest), _("a source that is gone")))
            case "query" if rest.isdecimal():
                found[word] = str(queries.get(int(rest), _("a query that is gone")))
            case "language":
                found[word] = language_name(rest)
            case _:
                found[word] = word
    return found


def _keys(words: Iterable[str], kind: str) -> list[int]:
    pairs = (word.partition(":") for word in words)
    return [int(rest) for name, _colon, rest in pairs if name == kind and rest.isdecimal()]
