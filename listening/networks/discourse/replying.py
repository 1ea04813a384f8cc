"""Answers in a topic, begins topics, and looks whether that arrived: a forum has no keys, but tells raw words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from listening.networks.answers import Said, moment, number, part, parts, word
from listening.networks.calling import before_sending
from listening.networks.discourse import pictures
from listening.networks.discourse.client import (
    Forum,
    forum_of,
    is_gone,
    raise_for_status,
    reason,
    said,
    words_of,
)
from listening.networks.discourse.connecting import SHORTEST, TEXT_LIMIT
from listening.networks.discourse.parse import post_of
from listening.networks.http import Answer
from listening.networks.protocols import (
    Accepted,
    Access,
    Limits,
    OutgoingReply,
    RateLimited,
    Refused,
    RemotePost,
    Results,
    Unreachable,
    Unreadable,
)
from listening.networks.publishing import OutgoingPiece, PieceForm
from listening.networks.words import _

SHORTEST_TITLE, LONGEST_TITLE = 15, 255
LOOKED_AT = 100
AT_ONCE = 20
_MARGIN = timedelta(minutes=2)
_WAIT_BEFORE = 120.0
_LIKE = 2


def reply(access: Access, outgoing: OutgoingReply) -> Accepted:
    """Answer a post in its topic."""
    forum = forum_of(access)
    _fits(access, outgoing.text)
    above = _above(forum, outgoing.to)
    form = {
        "raw": outgoing.text,
        "topic_id": word(above, "topic_id"),
        "reply_to_post_number": word(above, "post_number"),
    }
    answer = forum.send("POST", "/posts.json", form.items())
    if answer.status == 422 and (found := find_reply(access, outgoing)):
        return found  # “too similar” is also what a forum says of words that it has already
    return _accepted(forum, answer)


def find_reply(access: Access, outgoing: OutgoingReply) -> Accepted | None:
    """Look in the topic for the same words of ours, below what is answered."""
    forum = forum_of(access)
    answer = forum.get(f"/posts/{_own_id(forum, outgoing.to)}.json")
    if is_gone(answer):
        return None
    above = _told(answer)
    topic_id, first = word(above, "topic_id"), number(above, "id") or 0
    stream = part(said(forum.get(f"/t/{topic_id}.json")), "post_stream")
    ids = [own for own in stream.get("stream") or [] if isinstance(own, int) and own > first]
    posts = _posts(forum, topic_id, ids[-LOOKED_AT:])
    for post in posts:
        if _is_ours(post, forum) and _is_since(post, outgoing) and _same(post, outgoing.text):
            return _named(forum, post)
    if len(ids) > LOOKED_AT and (not posts or _is_since(posts[-1], outgoing)):
        raise Unreachable(_("So much was said in the topic since that it cannot be told whether this arrived."))
    return None


def publish(access: Access, piece: OutgoingPiece) -> Accepted:
    """Begin a topic under the piece's key, which the forum keeps as the topic's external id."""
    forum = forum_of(access)
    _refuse_what_would_be_lost(access, piece)
    with before_sending():
        if found := find_piece(access, piece):
            return found
    raw = "\n\n".join([words_of_piece(piece), *(pictures.handed_over(access, forum, one) for one in piece.media)])
    _fits(access, raw)
    form = [("title", piece.title.strip()), ("raw", raw), ("external_id", _external(piece.key))]
    form += [("category", category) for category in piece.categories] + [("tags[]", tag) for tag in piece.tags]
    return _accepted(forum, forum.send("POST", "/posts.json", form))


def piece_form(facts: Mapping[str, Any], limits: Limits) -> PieceForm:
    """What a forum takes, by what it said of itself."""
    types = pictures.types_taken(facts)
    return PieceForm(
        look="forum", is_markdown=True, limits=limits, title="required",
        shortest_title=facts.get("shortest_title") or SHORTEST_TITLE,
        longest_title=facts.get("longest_title") or LONGEST_TITLE, visibilities=("public",), most_categories=1,
        most_media=pictures.MOST if types else 0, media_types=types,
        largest_image=facts.get("largest_picture") or pictures.LARGEST,
    )  # fmt: skip


def find_piece(access: Access, piece: OutgoingPiece) -> Accepted | None:
    """Look for the topic with the piece's key."""
    forum = forum_of(access)
    answer = forum.get(f"/t/external_id/{_external(piece.key)}.json")
    if is_gone(answer):
        return None
    topic = _told(answer)
    posts = parts(part(topic, "post_stream"), "posts")
    return _named(forum, posts[0]) if posts else None


def withdraw(access: Access, remote_id: str) -> None:
    """Delete a post of ours."""
    forum = forum_of(access)
    answer = forum.send("DELETE", f"/posts/{_own_id(forum, remote_id)}.json")
    if not is_gone(answer):
        raise_for_status(answer)


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read posts again."""
    forum, posts = forum_of(access), []
    for remote_id, found in _again(forum, ids):
        post = post_of(found, forum.address, host=forum.host) if found else RemotePost(id=remote_id, deleted=True)
        posts += [post] if post else []
    return posts


def results_of(access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
    """Say how often posts were liked and answered; a forum passes nothing on."""
    found = {}
    for remote_id, post in _again(forum_of(access), ids):
        if post and not post.get("deleted_at"):
            likes = [number(row, "count") for row in parts(post, "actions_summary") if row.get("id") == _LIKE]
            found[remote_id] = Results(likes=(likes or [0])[0], answers=number(post, "reply_count"))
    return found


def _again(forum: Forum, ids: Sequence[str]) -> list[tuple[str, Said | None]]:
    found: list[tuple[str, Said | None]] = []
    for remote_id in ids:
        host, _slash, own_id = remote_id.rpartition("/")
        if host != forum.host or not own_id.isdigit():
            continue
        answer = forum.get(f"/posts/{own_id}.json")
        if is_gone(answer):
            found.append((remote_id, None))
        elif answer.status not in {403, 404, 410}:
            found.append((remote_id, said(answer)))
    return found


def _told(answer: Answer) -> Said:
    """Return what the forum says; where something in front of it says 404, it says nothing."""
    if answer.status in {404, 410}:
        raise Unreachable(_("Something in front of the forum answers in its stead (%(status)s).", status=answer.status))
    return said(answer)


def _own_id(forum: Forum, remote_id: str) -> str:
    host, _slash, own_id = remote_id.rpartition("/")
    if host != forum.host or not own_id.isdigit():
        raise Refused(_("This was said in another forum, and can be answered only from an account there."))
    return own_id


def _above(forum: Forum, remote_id: str) -> Said:
    """Read what is answered. Nothing was sent yet: whatever goes wrong here, the reply surely did not go out."""
    own_id = _own_id(forum, remote_id)
    try:
        answer = forum.get(f"/posts/{own_id}.json")
        if answer.status >= 500:
            raise reason(answer)
        found = said(answer)
    except (Unreachable, Unreadable) as problem:
        raise RateLimited(
            _("The post to be answered could not be read first: %(problem)s", problem=problem), wait=_WAIT_BEFORE
        ) from problem
    if found.get("deleted_at") or not word(found, "topic_id"):
        raise Refused(_("The post is not in the forum any more."))
    return found


def _posts(forum: Forum, topic_id: str, ids: Sequence[int]) -> list[Said]:
    found: list[Said] = []
    for start in range(0, len(ids), AT_ONCE):
        query = [("post_ids[]", str(own)) for own in ids[start : start + AT_ONCE]]
        told = said(forum.get(f"/t/{topic_id}/posts.json", [*query, ("include_raw", "true")]))
        found += parts(part(told, "post_stream"), "posts")
    return found[::-1]


def _is_ours(post: Said, forum: Forum) -> bool:
    return word(post, "username").lower() == forum.username.lower()


def _is_since(post: Said, outgoing: OutgoingReply) -> bool:
    written = moment(post, "created_at")
    return outgoing.at is None or written is None or written >= outgoing.at - _MARGIN


def _same(post: Said, text: str) -> bool:
    return word(post, "raw").split() == text.split()


def _fits(access: Access, text: str, *, has_pictures: bool = False) -> None:
    facts: Mapping[str, Any] = access.facts
    shortest, longest = facts.get("shortest") or SHORTEST, facts.get("longest") or TEXT_LIMIT
    # A picture is words too, for the forum: longer than the shortest post.
    if len(text.strip()) < shortest and not has_pictures:
        raise Refused(_("This forum takes no post of fewer than %(shortest)s characters.", shortest=shortest))
    if len(text) > longest:
        raise Refused(_("This forum takes no post of more than %(longest)s characters.", longest=longest))


def _refuse_what_would_be_lost(access: Access, piece: OutgoingPiece) -> None:
    facts: Mapping[str, Any] = access.facts
    if len(piece.media) > pictures.MOST:
        raise Refused(_("At most %(most)s pictures go to a forum at once.", most=pictures.MOST))
    for media in piece.media:
        pictures.refuse_what_does_not_go(facts, media)
    if piece.is_draft or piece.begins_at or piece.warning or piece.slug or piece.visibility not in {"", "public"}:
        raise Refused(_("A forum keeps no drafts, warnings, times and addresses that are chosen."))
    if len(piece.categories) > 1:
        raise Refused(_("A topic stands in one category."))
    shortest, longest = facts.get("shortest_title") or SHORTEST_TITLE, facts.get("longest_title") or LONGEST_TITLE
    if not shortest <= len(piece.title.strip()) <= longest:
        raise Refused(
            _("The title of a topic has %(shortest)s to %(longest)s characters.", shortest=shortest, longest=longest)
        )
    _fits(access, words_of_piece(piece), has_pictures=bool(piece.media))


def words_of_piece(piece: OutgoingPiece) -> str:
    """Return the words with the link below them, unless it stands in them."""
    link = piece.link if piece.link not in piece.text else ""
    return "\n\n".join(filter(None, (piece.text.strip(), link)))


def _external(key: str) -> str:
    return "".join(letter for letter in key if letter.isascii() and (letter.isalnum() or letter in "-_"))[:50]


def _accepted(forum: Forum, answer: Answer) -> Accepted:
    raise_for_status(answer)
    try:
        told = said(answer)
    except Unreadable as error:
        raise Unreachable(_("The forum took something, but its answer cannot be read.")) from error
    if word(told, "action") == "enqueued":
        waiting = word(part(told, "pending_post"), "id")
        return Accepted(id=f"{forum.host}/review/{waiting or 'waiting'}")
    post = part(told, "post") or told
    if not word(post, "id"):
        raise Unreachable(
            _("The forum took something, but did not say what. %(words)s", words=words_of(answer)).strip()
        )
    return _named(forum, post)


def _named(forum: Forum, post: Said) -> Accepted:
    slug, topic = word(post, "topic_slug") or "-", word(post, "topic_id")
    return Accepted(
        id=f"{forum.host}/{word(post, 'id')}", url=f"{forum.address}/t/{slug}/{topic}/{word(post, 'post_number')}"
    )
