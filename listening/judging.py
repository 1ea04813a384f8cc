"""Whether a post concerns the organization: which queries match it, whom it addresses, and whether it is our own."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from listening.appraising import UNJUDGED, Appraisal, Subject, appraise, known_language, words_of
from listening.matching import Document, Matcher, QueryError, Span, compile, parse
from listening.models import Channel, Source, TrackingQuery
from listening.networks.protocols import RemotePost
from roles.tenancy import active_organization_id

log = logging.getLogger(__name__)

MATCHERS_KEPT = 32
Stamp = tuple[object, ...]
_matchers: OrderedDict[int, tuple[Stamp, Matcher]] = OrderedDict()


def matcher() -> Matcher:
    """Return the matcher of the active organization's queries, made anew only when one of them changed."""
    key, stamp = active_organization_id(), TrackingQuery.objects.active().stamp()
    kept = _matchers.get(key)
    if kept is None or kept[0] != stamp:
        kept = (stamp, _compiled())
        _matchers[key] = kept
        if len(_matchers) > MATCHERS_KEPT:
            _matchers.popitem(last=False)
    _matchers.move_to_end(key)
    return kept[1]


def _compiled() -> Matcher:
    queries = {}
    for pk, expression in TrackingQuery.objects.active().values_list("pk", "expression"):
        try:
            queries[pk] = parse(expression)
        except QueryError as problem:  # the language became stricter after it was written
            log.warning("Tracking query %s cannot be read and is left out: %s", pk, problem)
    return compile(queries)


@dataclass(slots=True)
class Judgement:
    """What one post is to the organization; `matches` gives the places of each query that matched."""

    matches: dict[int, tuple[Span, ...]]
    channel: Channel | None = None
    is_ours: bool = False
    # What the machine makes of its words, for those that somebody should see.
    appraisal: Appraisal = UNJUDGED

    @property
    def is_mention(self) -> bool:
        """Whether somebody should see it: what we say ourselves is never a mention."""
        return not self.is_ours and (bool(self.matches) or self.channel is not None)


class Judge:
    """Judges the posts of one network, with the queries and channels as they are now."""

    def __init__(self, network: str) -> None:
        self._matcher = matcher()
        channels = list(Channel.objects.filter(network=network).order_by("pk"))
        self._our_ids = {channel.account_id for channel in channels} - {""}
        self._our_handles = {_bare(channel.handle) for channel in channels} - {""}
        self._by_name: dict[str, list[Channel]] = {}
        for channel in channels:
            if channel.is_active:
                for name in {channel.account_id, _bare(channel.handle)} - {""}:
                    self._by_name.setdefault(name, []).append(channel)

    def judge(self, source: Source, post: RemotePost, *, is_ours: bool = False) -> Judgement:
        """Judge one post of a source; `is_ours` where it is known by something else than who wrote it."""
        if is_ours or self.wrote(post):
            return Judgement({}, is_ours=True)
        return Judgement(self._matcher.match(_document(source, post)), self._addressed(source, post))

    def appraise(self, posts: Iterable[tuple[Source, RemotePost, Judgement]]) -> None:
        """Add to judgements what the machine makes of the posts' words, all in one go."""
        wanted = list(posts)
        subjects = [
            Subject(
                words_of(post.title, post.text),
                post.author.handle or post.author.name,
                source.pk,
                tuple(sorted(judgement.matches)),
                known_language(post.language),
            )
            for source, post, judgement in wanted
        ]
        for (_source, _post, judgement), appraisal in zip(wanted, appraise(subjects), strict=True):
            judgement.appraisal = appraisal

    def _addressed(self, source: Source, post: RemotePost) -> Channel | None:
        """The channel that the post speaks to; the source's own where two share a name."""
        found = [
            channel
            for name in post.addressed_to
            for channel in self._by_name.get(name) or self._by_name.get(_bare(name)) or ()
        ]
        return min(found, key=lambda channel: channel.pk != source.channel_id, default=None)

    def wrote(self, post: RemotePost) -> bool:
        """Whether one of our channels wrote it."""
        return post.author.id in self._our_ids or _bare(post.author.handle) in self._our_handles


def _document(source: Source, post: RemotePost) -> Document:
    return Document(
        text=post.text,
        title=post.title,
        author=post.author.name,
        handle=post.author.handle,
        network=source.network,
        source=source.name or source.place,
        language=post.language,
        url=post.url,
        has_media=bool(post.media),
        is_reply=bool(post.in_reply_to),
    )


def _bare(handle: str) -> str:
    return handle.lstrip("@").casefold()
