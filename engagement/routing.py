"""Which department answers what: the first active rule, in order, whose every stated condition holds.

Rules are read once for a batch, asked in memory, and what they decide is written in a few statements, however many
mentions there are. What no rule wants waits in the stream for a gatherer; so does what was said long before we
listened, and our own words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from engagement import reasons
from engagement.assigning import staff
from engagement.changes import told
from engagement.continuing import take_what_continues
from engagement.models import Assignment, Promise, Reply, RoutingRule
from engagement.models.rules import Priority
from engagement.promises import Targets, begun
from engagement.querysets import insert_many, place_mentions
from listening.matching import Document, Matcher, QueryError, compile, parse
from listening.models import Mention, Post, Source
from roles.live import look_again
from roles.models import Member
from roles.rows import as_read

log = logging.getLogger(__name__)
Asks = Callable[[Mention], bool]


class Router:
    """The rules of one organization in their order, ready to be asked."""

    def __init__(self, rules: Iterable[RoutingRule], sources: Mapping[int, str] | None = None) -> None:
        self.rules = [rule for rule in rules if rule.is_active]
        self.sources = sources or {}
        self.matcher = _matcher(tuple((rule.pk, rule.words) for rule in self.rules if rule.words))

    def rule_for(self, mention: Mention) -> RoutingRule | None:
        """Return the first rule that wants the mention."""
        said: set[int] | None = None
        for rule in self.rules:
            if not _holds(rule, mention):
                continue
            if not rule.words:
                return rule
            if said is None:
                said = self.matcher.which(document_of(mention, self.sources))
            if rule.pk in said:
                return rule
        return None


def _holds(rule: RoutingRule, mention: Mention) -> bool:
    """Whether every condition but that on words holds; what a rule does not state does not matter."""
    return (
        (rule.query_id is None or rule.query_id in mention.query_ids)
        and (rule.source_id is None or rule.source_id == mention.source_id)
        and (not rule.network or rule.network == mention.network)
        and (not rule.language or rule.language == mention.language)
        and (rule.sentiment is None or rule.sentiment == mention.sentiment)
        and (rule.topic_id is None or rule.topic_id == mention.topic_id)
    )


@lru_cache(maxsize=64)
def _matcher(words: tuple[tuple[int, str], ...]) -> Matcher:
    queries = {}
    for key, expression in words:
        try:
            queries[key] = parse(expression)
        except QueryError as problem:  # rules are checked when they are written; an unreadable one fits nothing
            log.warning("Routing rule %s cannot be read and fits nothing: %s", key, problem)
    return compile(queries)


def document_of(mention: Mention, sources: Mapping[int, str]) -> Document:
    """Return the mention's post as the query language sees it."""
    post: Post = mention.post
    return Document(
        text=post.text,
        title=post.title,
        author=post.author.name if post.author else "",
        handle=post.author.handle if post.author else "",
        network=post.network,
        source=sources.get(mention.source_id or 0, ""),
        language=post.language or mention.language,
        url=post.url,
        has_media=bool(post.media),
        is_reply=bool(post.in_reply_to),
    )


def router() -> Router:
    """Read the active organization's rules."""
    rules = (
        RoutingRule.objects.filter(is_active=True).select_related("query", "source", "topic").order_by("position", "pk")
    )
    found = list(rules)
    # Only words can ask for a source by its name.
    named = any(rule.words for rule in found)
    return Router(found, {source.pk: str(source) for source in Source.objects.all()} if named else {})


def route(mentions: Sequence[Mention], *, at: datetime) -> list[Assignment]:
    """Route captured mentions by the rules, inside the transaction that saves them; returns the assignments."""
    waiting = [
        mention
        for mention in mentions
        if mention.state == Mention.State.UNTRIAGED
        and not mention.post.is_ours
        # What is older than our listening would flood people; it can be read in the stream.
        and not getattr(mention, "is_old", False)
    ]
    waiting = take_what_continues(waiting) if waiting else []
    if not waiting:
        return []
    asked = router()
    if not asked.rules:
        return []
    ours = _written_by_us(waiting)
    decided = [
        (mention, rule)
        for mention in waiting
        if mention.post_id not in ours and (rule := asked.rule_for(mention)) is not None
    ]
    if not decided:
        return []
    targets = Targets()
    return _assign([_wish(mention, rule, targets, at) for mention, rule in decided], at=at)


def _written_by_us(mentions: Sequence[Mention]) -> set[int]:
    """Keys of posts that are our own replies coming back, whoever the network says wrote them."""
    by_remote_id = {(mention.network, mention.post.remote_id): mention.post_id for mention in mentions}
    found = Reply.objects.filter(remote_id__in=[remote_id for _network, remote_id in by_remote_id])
    pairs = found.values_list("channel__network", "remote_id")
    return {by_remote_id[pair] for pair in pairs if pair in by_remote_id}


def _wish(mention: Mention, rule: RoutingRule, targets: Targets, at: datetime) -> dict[str, Any]:
    target = targets.target_for(rule.department_id, rule.priority, minutes=rule.response_minutes)
    promises, fields = begun(targets, target, department_id=rule.department_id, start=mention.captured_at, at=at)
    return {
        **fields,
        "mention": mention,
        "department_id": rule.department_id,
        "rule_id": rule.pk,
        "priority": rule.priority,
        "promises": promises,
        "reasons": [reasons.rule_fits(rule)],
    }


def assign_triaged(mentions: Sequence[Mention], *, by: Member | None, at: datetime) -> list[Assignment]:
    """Give out what a gatherer has sent to a department."""
    targets = Targets()
    wishes = []
    for mention in mentions:
        if mention.state != Mention.State.ROUTED or mention.department_id is None:
            continue
        target = targets.target_for(mention.department_id, Priority.NORMAL.value)
        # It is news from the moment somebody said so, however long it lay in the stream.
        promises, fields = begun(targets, target, department_id=mention.department_id, start=at, at=at)
        wishes.append(
            {
                **fields,
                "mention": mention,
                "department_id": mention.department_id,
                "rule_id": None,
                "priority": Priority.NORMAL.value,
                "promises": promises,
                "reasons": [reasons.triaged(by)],
            }
        )
    return _assign(wishes, at=at)


def _assign(wishes: Sequence[dict[str, Any]], *, at: datetime) -> list[Assignment]:
    """Write the assignments, each for whoever is here with the least to do, and mark their mentions."""
    if not wishes:
        return []
    people = staff(at=at)
    rows, mentions = [], {}
    for wish in sorted(wishes, key=lambda wish: (wish["priority"], wish["due_at"], wish["mention"].pk)):
        mention = wish["mention"]
        mentions[mention.pk] = mention
        choice = people.take_for(wish["department_id"])
        member_id, why = choice or (None, reasons.nobody(at))
        rows.append({**wish, "mention_id": mention.pk, "member_id": member_id, "reasons": [*wish["reasons"], why]})
    keys = insert_many(
        [{name: row[name] for name in row if name not in {"mention", "promises"}} for row in rows], at=at
    )
    Promise.objects.bulk_create(_promised(rows, keys))
    made = [_as_inserted(row, keys[row["mention_id"]], at) for row in rows if row["mention_id"] in keys]
    place_mentions({row.mention_id: row.department_id for row in made})
    for row in made:
        row.mention.state, row.mention.department_id = Mention.State.ROUTED, row.department_id
    told(made, at=at)
    look_again("stream")
    return made


def _promised(rows: Sequence[dict[str, Any]], keys: Mapping[int, int]) -> list[Promise]:
    """The promises of those that were inserted."""
    promises: list[Promise] = []
    for row in rows:
        for promise in row.pop("promises"):
            if row["mention_id"] in keys:
                promise.assignment_id = keys[row["mention_id"]]
                promises.append(promise)
    return promises


def _as_inserted(row: dict[str, Any], key: int, at: datetime) -> Assignment:
    known = {"id": key, "created_at": at, "assigned_at": at if row["member_id"] else None}
    return as_read(Assignment, row | known, mention=row["mention"])
