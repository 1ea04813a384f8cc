"""What the machine makes of posts: language, sentiment, topic, relevance; by the models that judge now.

Models are read once for a process and organization, and again only when another one judges. What is heavy is imported
where the first post is judged, which is in workers.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from listening.languages import CODES
from listening.models import Author, LearnedModel, Post, Topic
from roles.tenancy import active_organization_id

if TYPE_CHECKING:
    from listening.learning.relevance import RelevanceModel, Seen
    from listening.learning.sentiment import SentimentModel
    from listening.learning.topics import TopicModel

log = logging.getLogger(__name__)

SUGGESTED_FROM = 0.5  # a topic that is less probable than another answer is not suggested
TAUGHT_KEPT = 16
NETWORK = "network"
Kind = LearnedModel.Kind


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: a post's words, and what is known beside them; a known language is not guessed."""

    text: str
    author: str = ""
    source_id: int | None = None
    query_ids: tuple[int, ...] = ()
    language: str = ""
    language_by: str = NETWORK


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What the machine makes of one post; `judged_by` names the version of each judgement."""

    language: str = ""
    sentiment: int | None = None
    sentiment_score: float | None = None
    relevance: float | None = None
    topic_id: int | None = None
    topic_score: float | None = None
    judged_by: str = ""

    def fields(self) -> dict[str, Any]:
        """The columns of a mention."""
        return {name: getattr(self, name) for name in FIELDS}

    def row(self) -> dict[str, Any]:
        """The same for a statement that writes the post too, which has a language that its network says."""
        row = self.fields()
        row["language_found"] = row.pop("language")
        return row


UNJUDGED = Appraisal()
FIELDS = ("language", "sentiment", "sentiment_score", "relevance", "topic_id", "topic_score", "judged_by")


def words_of(title: str, text: str) -> str:
    """The words of a post that are judged and learned from."""
    return f"{title}\n{text}" if title else text


def author_of(author: Author | None) -> str:
    """An author as models know them."""
    return (author.handle or author.name) if author else ""


def known_language(said: str) -> str:
    """The code of the language that a network says, where it is one that we know."""
    code = said.casefold().replace("_", "-").partition("-")[0]
    return code if code in CODES else ""


def subject_of(post: Post, *, query_ids: Sequence[int], corrected_language: str = "") -> Subject:
    """A stored post as it is judged."""
    return Subject(
        words_of(post.title, post.text),
        author_of(post.author),
        post.source_id,
        tuple(query_ids),
        corrected_language or known_language(post.language),
        "person" if corrected_language else NETWORK,
    )


@dataclass(frozen=True)
class Taught:
    """The learned models that judge now, with their versions; what is missing was not learned yet."""

    sentiment: dict[str, SentimentModel] = field(default_factory=dict)
    topics: TopicModel | None = None
    relevance: RelevanceModel | None = None
    versions: dict[tuple[str, str], int] = field(default_factory=dict)


_taught: OrderedDict[int, tuple[tuple[object, ...], Taught]] = OrderedDict()


def taught() -> Taught:
    """Return the active organization's learned models, read anew only when another one judges."""
    key, stamp = active_organization_id(), LearnedModel.objects.stamp()
    kept = _taught.get(key)
    if kept is None or kept[0] != stamp:
        kept = (stamp, _read())
        _taught[key] = kept
        if len(_taught) > TAUGHT_KEPT:
            _taught.popitem(last=False)
    _taught.move_to_end(key)
    return kept[1]


def _read() -> Taught:
    sentiment: dict[str, SentimentModel] = {}
    others: dict[str, Any] = {}
    versions: dict[tuple[str, str], int] = {}
    for row in LearnedModel.objects.current():
        model = load(row)
        if model is None:
            continue
        versions[row.kind, row.language] = row.version
        if row.kind == Kind.SENTIMENT:
            sentiment[row.language] = model
        else:
            others[row.kind] = model
    return Taught(sentiment, others.get(Kind.TOPIC), others.get(Kind.RELEVANCE), versions)


def load(row: LearnedModel) -> Any:
    """The model in a row; None where it cannot be read any more, so that what is shipped judges."""
    from listening.learning.linear import UnreadableModel
    from listening.learning.relevance import RelevanceModel
    from listening.learning.sentiment import SentimentModel
    from listening.learning.topics import TopicModel

    reading: dict[str, Callable[[bytes], Any]] = {
        Kind.SENTIMENT: SentimentModel.from_bytes,
        Kind.TOPIC: TopicModel.from_bytes,
        Kind.RELEVANCE: RelevanceModel.from_bytes,
    }
    try:
        return reading[row.kind](bytes(row.content or b""))
    except UnreadableModel as problem:
        log.warning("Learned model %s cannot be read and is left out: %s", row.pk, problem)
        return None


def appraise(subjects: Sequence[Subject]) -> list[Appraisal]:
    """Judge posts, all in one go."""
    if not subjects:
        return []
    from listening.learning import judge
    from listening.learning.judging import SHIPPED

    models = taught()
    texts = [subject.text for subject in subjects]
    judged = judge(texts, languages=[subject.language for subject in subjects], taught=models.sentiment)
    topics = _topics(models, texts)
    relevance = _relevance(models, subjects, [row.language for row in judged])
    found = []
    for subject, row, (topic, topic_score), relevant in zip(subjects, judged, topics, relevance, strict=True):
        makers = {"language": subject.language_by if subject.language else SHIPPED}
        makers["sentiment"] = _version(models, Kind.SENTIMENT, row.language) or SHIPPED
        makers["topic"] = _version(models, Kind.TOPIC)
        makers["relevance"] = _version(models, Kind.RELEVANCE)
        by = ";".join(f"{kind}={maker}" for kind, maker in makers.items() if maker)
        found.append(Appraisal(row.language, row.sentiment, round(row.score, 4), relevant, topic, topic_score, by))
    return found


def _version(models: Taught, kind: str, language: str = "") -> str:
    return str(models.versions.get((kind, language), ""))


def _topics(models: Taught, texts: Sequence[str]) -> list[tuple[int | None, float | None]]:
    """The topic of each text that is worth suggesting."""
    if models.topics is None:
        return [(None, None)] * len(texts)
    offered = set(Topic.objects.active().values_list("pk", flat=True))
    found: list[tuple[int | None, float | None]] = []
    for suggestions in models.topics.suggest(texts, most=1):
        best = suggestions[0] if suggestions else None
        if best is None or not best.topic or best.probability < SUGGESTED_FROM or int(best.topic) not in offered:
            found.append((None, None))
        else:
            found.append((int(best.topic), round(best.probability, 3)))
    return found


def _relevance(models: Taught, subjects: Sequence[Subject], languages: Sequence[str]) -> list[float | None]:
    if models.relevance is None:
        return [None] * len(subjects)
    seen = [seen_of(subject, language) for subject, language in zip(subjects, languages, strict=True)]
    return [round(row.probability, 3) for row in models.relevance.weigh(seen)]


def seen_of(subject: Subject, language: str) -> Seen:
    """A subject as relevance is learned from it."""
    from listening.learning.relevance import Seen

    source = str(subject.source_id or "")
    return Seen(subject.text, subject.author, source, tuple(subject.query_ids), language)
