"""First comments: said below what was taken, by themselves or by somebody."""

from __future__ import annotations

from typing import Any

import pytest

from content.actions.first_comments import settle_comment
from content.actions.publications import plan_now, settle_publication
from content.models import FirstComment
from engagement.refusals import Refusal
from listening.models import OwnFeedEntry
from listening.networks.protocols import Refused
from roles.actions.handover import hand_over_everything
from roles.belongings import belongings
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square, raising
from tests.content.publishing import publish
from tests.engagement.writing import Time


def test_what_is_said_below_it_goes_its_own_way(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    planned(first_comment="The plan: https://acme.example/")
    publish(now)
    said: Any = square.taken[1]
    comment = FirstComment.objects.get()
    assert (said.to, said.text, comment.state) == ("s0", "The plan: https://acme.example/", "accepted")
    square.before = raising(Refused("No comments here."))
    planned("Another.", first_comment="Below.")
    square.before = lambda out: None if hasattr(out, "slug") else raising(Refused("No comments here."))(out)
    publish(now)
    second = FirstComment.objects.latest("pk")
    assert (second.state, second.publication.state, second.owner) == ("refused", "accepted", creating.rosa)
    square.before = lambda out: None
    settle_comment(second, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    second.refresh_from_db()
    assert second.state == "accepted" and len(square.taken) == 4


def test_what_is_to_be_decided_below_goes_to_somebody_else(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    square.before = lambda out: None if hasattr(out, "slug") else raising(Refused("No comments here."))(out)
    planned(first_comment="Below.")
    publish(now)
    [kind] = [kind for kind in belongings() if kind.name == "first_comments"]
    assert [one.label for one in kind.things(creating.rosa)] == ["Below."]
    moved = hand_over_everything(creating.rosa, to={"first_comments": creating.rui}, by=creating.olga, at=now())
    assert (moved, FirstComment.objects.get().owner) == ({"first_comments": 1}, creating.rui)


def test_where_nothing_can_be_answered_the_comment_waits_for_a_hand(creating: Cast, written: Any, now: Time) -> None:
    channel = factories.channel(network="own-feed", account_id="feed-of-acme")
    variant = written(channel=channel, title="News", first_comment="Below.")
    with pytest.raises(Refusal, match="comment"):
        plan_now(variant, by=creating.rosa, at=now())
    # As where the network could do less since.
    row = factories.publication(variant, due_at=now(), planned_by=creating.rosa)
    publish(now)
    row.refresh_from_db()
    assert row.state == "waiting" and "comment" in row.problem and not OwnFeedEntry.objects.exists()


def test_what_is_to_be_said_below_what_stands_nobody_knows_where_waits_for_a_hand(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    square.before = raising(Refused("Not so."))
    row = planned(first_comment="Below.")
    publish(now)
    settle_publication(row, decision="mark_as_sent", by=creating.rosa, at=now())
    comment = FirstComment.objects.get()
    assert comment.state == "refused" and "by hand" in comment.problem
    settle_comment(comment, decision="give_up", by=creating.rosa, at=now())
    with pytest.raises(Refusal):
        settle_comment(comment, decision="give_up", by=creating.rosa, at=now())
