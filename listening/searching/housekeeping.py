"""What must look across organizations: which posts are to be indexed, whosever they are."""

from __future__ import annotations

from django.db import connection, transaction

from listening.models import Post, PostWords
from listening.searching.documents import words_of

BATCH = 500
LOCK = 7253  # the first half of the advisory lock's key


def index_due(*, limit: int = 20_000) -> int:
    """Store the words of posts that are new or edited, and forget those of withdrawn ones; returns how many posts."""
    done = 0
    while done < limit and (taken := _index_batch()):
        done += taken
    return done


def _index_batch() -> int:
    """Work is taken and done in one transaction: who dies in it leaves the work where it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One after the other, so that nobody stores what a post said before it was edited over what it says now.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK])
        if not (cursor.fetchone() or (False,))[0]:
            return 0
        cursor.execute(_TAKE, {"limit": BATCH})
        taken = sorted({key for (key,) in cursor.fetchall()})
        if not taken:
            return 0
        # Read after the work was taken: an edit that is committed later brings work of its own.
        posts = list(
            Post.everywhere.filter(pk__in=taken, withdrawn_at=None, cleaned_at=None).select_related(
                "author", "source", "mention"
            )
        )
        _store(posts)
        gone = set(taken) - {post.pk for post in posts}
        if gone:
            PostWords.everywhere.filter(post__in=gone).delete()
    return len(taken)


def _store(posts: list[Post]) -> None:
    rows = [
        PostWords(
            post_id=post.pk, organization_id=post.organization_id, words=words_of(post), captured_at=post.captured_at
        )
        for post in posts
    ]
    PostWords.everywhere.bulk_create(rows, update_conflicts=True, update_fields=["words"], unique_fields=["post"])


_TAKE = """
DELETE FROM listening_posttoindex WHERE id = ANY (ARRAY(
    SELECT id FROM listening_posttoindex ORDER BY id LIMIT %(limit)s
)) RETURNING post_id
"""
