"""What we published and hear again, by whatever way it comes back, is ours and never a mention."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.models import Publication
from content.publishing import when_published
from listening.identity import page_key
from listening.own_posts import knows_own_posts, recognise

# What was heard in the same moment in which its network took it is looked for once more, so long after.
LOOKED_AT_AGAIN = timedelta(hours=3)


@knows_own_posts
def published_among(network: str, ids: set[str], pages: set[str]) -> tuple[set[str], set[str]]:
    """Return which of these ids of a network, and of these keys of pages, are publications of ours."""
    return Publication.objects.standing_at(network, ids, pages)


@when_published
def recognise_what_was_heard(row: Publication, at: datetime) -> None:
    """Keep the key of its address, and say of what was heard of it before that it is ours."""
    if page := page_key(row.remote_url):
        row.page = page
        row.save(update_fields=["page"])
    recognise(row.channel.network, remote_id=row.remote_id, page=row.page, at=at)


def recognise_again(*, at: datetime) -> int:
    """Say that it is ours of what was heard in the very moment of its acceptance; returns how many posts it was."""
    rows = Publication.objects.filter(accepted_at__gt=at - LOOKED_AT_AGAIN).exclude(page="").select_related("channel")
    return sum(recognise(row.channel.network, remote_id=row.remote_id, page=row.page, at=at) for row in rows.iterator())
