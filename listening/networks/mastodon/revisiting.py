"""Reads known statuses again: edits, deletions, what their threads grew by, and what became of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from listening.networks.answers import Said, number, objects, parts, word
from listening.networks.mastodon.client import Server, raise_for_status, said, server_of, words_of
from listening.networks.mastodon.parse import gone, post_of
from listening.networks.protocols import Access, NetworkError, RateLimited, RemotePost, Results, Unreachable

AT_ONCE = 20
THREADS_AT_ONCE = 10


def revisit(access: Access, ids: Sequence[str]) -> Sequence[RemotePost]:
    """Read posts again, with the threads of those that are answered."""
    server = server_of(access)
    posts: dict[str, RemotePost] = {}
    threads = THREADS_AT_ONCE
    for remote_id, status in _again(server, ids):
        if status is None:
            posts[remote_id] = gone(remote_id)
            continue
        found: Sequence[RemotePost] | None = None
        if threads > 0 and (word(status, "in_reply_to_id") or number(status, "replies_count")):
            found = _thread(server, status)
            threads = threads - 1 if found is not None else 0
        for post in _alone(server, status) if found is None else found:
            if not posts.get(post.id, post).deleted:
                posts[post.id] = post
    return tuple(posts.values())


def results_of(access: Access, ids: Sequence[str]) -> Mapping[str, Results]:
    """Say how often posts were liked, passed on and answered."""
    return {
        remote_id: Results(
            likes=number(status, "favourites_count"),
            reposts=number(status, "reblogs_count"),
            answers=number(status, "replies_count"),
        )
        for remote_id, status in _again(server_of(access), ids)
        if status is not None
    }


def _again(server: Server, ids: Sequence[str]) -> Iterator[tuple[str, Said | None]]:
    """Read statuses by their ids: many at once where the server can; None for one that is gone."""
    ours = [remote_id for remote_id in ids if remote_id.partition("/")[0] == server.home.host]
    speaks: bool | None = None
    for start in range(0, len(ours), AT_ONCE):
        some = ours[start : start + AT_ONCE]
        found = _together(server, some) if len(some) > 1 else {}
        for remote_id in some:
            if remote_id in found:
                yield remote_id, found[remote_id]
                continue
            # What does not come with the others may be gone, or the server does not read many at once.
            own_id = remote_id.partition("/")[2]
            answer = server.get(f"/api/v1/statuses/{own_id}")
            if answer.status in {404, 410}:
                if not words_of(answer) and speaks is None:
                    speaks = _speaks(server)
                if words_of(answer) or speaks:
                    yield remote_id, None
            elif answer.status == 403:
                continue
            elif isinstance(status := said(answer), dict) and word(status, "id"):
                # Some write a new number on what was edited, and find it under the old one as well.
                yield remote_id, {**status, "id": own_id}


def _speaks(server: Server) -> bool:
    """Whether the server itself answers: some say 404 without a word, and so does whatever stands in front of one."""
    answer = server.get("/api/v1/accounts/verify_credentials")
    return answer.status == 200 and isinstance(account := said(answer), dict) and bool(word(account, "id"))


def _together(server: Server, ids: Sequence[str]) -> dict[str, Said]:
    answer = server.get("/api/v1/statuses", [("id[]", remote_id.partition("/")[2]) for remote_id in ids])
    if answer.status in {401, 429}:
        raise_for_status(answer)
    if answer.status != 200:
        return {}
    return {f"{server.home.host}/{word(status, 'id')}": status for status in objects(said(answer))}


def _alone(server: Server, status: Said) -> list[RemotePost]:
    post = post_of(status, server.home)
    return [post] if post else []


def _thread(server: Server, status: Said) -> list[RemotePost] | None:
    """A status with what stands above and below it; None where the server does not get through telling it."""
    try:
        told = said(server.get(f"/api/v1/statuses/{word(status, 'id')}/context"))
    except RateLimited:
        raise
    except Unreachable:
        return None
    except NetworkError:
        return _alone(server, status)
    above = parts(told, "ancestors") if isinstance(told, dict) else []
    below = parts(told, "descendants") if isinstance(told, dict) else []
    root = word(above[0], "id") if above else word(status, "id")
    return [post for row in (*above, status, *below) if (post := post_of(row, server.home, root=root))]
