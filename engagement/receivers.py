"""News from listening and roles that engagement acts on, one call each; all inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.dispatch import receiver

from engagement.assigning import give_anew
from engagement.continuing import go_on
from engagement.growing import note_growth
from engagement.models import Assignment
from engagement.outcomes import go_on_through
from engagement.querysets import meet_elsewhere
from engagement.routing import assign_triaged, route
from engagement.taking_back import take_back
from engagement.waking import author_wrote, posts_edited, thread_grew
from listening.models import Connection, Mention, Post
from listening.retention import hold
from listening.signals import (
    NewPost,
    connection_mended,
    mentions_captured,
    mentions_taken_back,
    mentions_triaged,
    posts_captured,
    posts_revised,
    posts_withdrawn,
    stories_grown,
    threads_grown,
)
from listening.threads import topics_of
from roles.background import hint
from roles.live import look_again
from roles.models import Member
from roles.signals import availability_changed, calendar_changed, member_left


@receiver(mentions_captured, dispatch_uid="engagement.route_captured")
def route_captured(sender: Any, *, mentions: Sequence[Mention], at: datetime, **_later: object) -> None:
    """Route what was captured, and wake what waited for its authors."""
    route(mentions, at=at)
    author_wrote(mentions, at=at)


@receiver(threads_grown, dispatch_uid="engagement.wake_for_the_author")
def wake_for_the_author(
    sender: Any, *, network: str, conversations: Sequence[str], at: datetime, **_later: object
) -> None:
    """Wake what waits for an author who has written into a thread."""
    thread_grew(network, conversations, since=at, at=at)


@receiver(posts_revised, dispatch_uid="engagement.wake_for_an_edit")
def wake_for_an_edit(sender: Any, *, posts: Sequence[Post], at: datetime, **_later: object) -> None:
    """Wake what waits for an edit, and have open conversations show it."""
    posts_edited(posts, at=at)
    _show(posts)


@receiver(posts_withdrawn, dispatch_uid="engagement.show_withdrawn")
def show_withdrawn(sender: Any, *, posts: Sequence[Post], at: datetime, **_later: object) -> None:
    """Have open conversations show that a post is gone."""
    _show(posts)


def _show(posts: Sequence[Post]) -> None:
    if topics := topics_of((post.network, post.conversation or post.remote_id) for post in posts):
        look_again(*topics)


@receiver(mentions_triaged, dispatch_uid="engagement.assign_by_hand")
def assign_by_hand(
    sender: Any, *, mentions: Sequence[Mention], at: datetime, by: Member | None = None, **_later: object
) -> None:
    """Give out what a gatherer sent to a department."""
    assign_triaged(mentions, by=by, at=at)


@receiver(posts_captured, dispatch_uid="engagement.go_on")
def hear_again(sender: Any, *, posts: Sequence[NewPost], at: datetime, **_later: object) -> None:
    """Start the next response where an author has written again, and note whom our own account has answered there."""
    go_on(posts, at=at)
    if ours := [post.post_id for post in posts if post.is_ours]:
        meet_elsewhere(ours, at=at)


@receiver(stories_grown, dispatch_uid="engagement.note_growth")
def ask_again_about_stories(sender: Any, *, stories: Sequence[int], at: datetime, **_later: object) -> None:
    """Have the rules asked again where one of them asks how often something was told."""
    note_growth(stories, at=at)


@receiver(mentions_taken_back, dispatch_uid="engagement.take_back")
def clear_away(sender: Any, *, mentions: Sequence[Mention], at: datetime, **_later: object) -> set[int]:
    """Clear away assignments that nobody has begun; returns the mentions of the others."""
    return take_back(mentions, at=at)


@receiver(connection_mended, dispatch_uid="engagement.go_on_through")
def send_what_waited(sender: Any, *, connection: Connection, at: datetime, **_later: object) -> None:
    """Send the replies that waited for their access."""
    go_on_through(connection, at=at)


@receiver(availability_changed, dispatch_uid="engagement.give_work_anew")
def give_work_anew(sender: Any, *, member: Member, at: datetime, **_later: object) -> None:
    """Give others what the member will not do, and the member what waits; whoever is asked may be another now."""
    give_anew(member, at=at)
    hint("engagement.tasks.readdress_approvals")


@receiver(member_left, dispatch_uid="engagement.nothing_stays")
def nothing_stays(sender: Any, *, member: Member, at: datetime, **_later: object) -> None:
    """Give others everything that the member had, and have somebody else asked for approval."""
    give_anew(member, at=at)
    hint("engagement.tasks.readdress_approvals")


@receiver(calendar_changed, dispatch_uid="engagement.count_anew")
def count_anew(sender: Any, **_later: object) -> None:
    """Have what runs in a calendar counted anew."""
    hint("engagement.tasks.watch_promises")


@hold
def unresolved(mentions: QuerySet[Mention]) -> QuerySet[Mention]:
    """Those that somebody still works on."""
    return mentions.filter(assignments__in=Assignment.objects.unresolved())
