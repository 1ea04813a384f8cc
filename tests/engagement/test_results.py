"""What came of replies: asked for on a falling schedule, by any number of workers, and never made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from engagement.actions.replies import reply
from engagement.models import Reply, ReplyResult
from engagement.results import reply_results
from listening.models import PracticeAccount, PracticePost
from listening.models.told_results import LOOKS_AFTER, next_look
from listening.networks.protocols import RateLimited, Results, Unreachable
from listening.practice_field.actions import post, remove
from listening.way_out.results import LEASE
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.doubles import Town
from tests.engagement.writing import Time, deliver

HOUR = 3600
ODD = "Touchline could not understand what the network answered."


class Telling:
    """What the town says of our posts, or how it fails to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.says: Any = {}

    def __call__(self, access: Any, ids: Sequence[str]) -> Any:
        self.asked.append(list(ids))
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def telling(town: Town) -> Telling:
    """The town tells results."""
    told = Telling()
    town.results_of = told  # type: ignore[attr-defined]
    return told


def sweep(now: Time) -> int:
    with acting_for(None):
        return reply_results.look(now=now)


def test_the_practice_field_tells_answers_and_nothing_else(acme: Cast, given: Any, now: Time) -> None:
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    ada = PracticeAccount.objects.create(handle="ada", name="Ada")
    asked = post(ada, text="Help?", by=None, at=now())
    factories.channel(handle="acme", account_id=str(ours.pk))
    about = factories.mention(post=factories.post(remote_id=str(asked.pk)), department=acme.care)
    made = reply(given(mention=about), text="Here we are.", by=acme.rosa, at=now())
    deliver(now)
    posted = PracticePost.objects.get(account=ours)
    kept, taken_back = (post(ada, text=text, by=None, at=now(), in_reply_to=posted) for text in ("Thanks", "Hm"))
    remove(taken_back, by=None, at=now())
    assert sweep(now) == 0, "it is too early"
    now.pass_by(HOUR)
    assert sweep(now) == 1
    found = ReplyResult.objects.get(reply=made)
    assert (found.answers, found.likes, found.reposts, found.fetched_at) == (1, None, None, now())
    remove(posted, by=None, at=now())
    now.pass_by(5 * HOUR)
    sweep(now)
    found.refresh_from_db()
    assert (found.answers, found.problem) == (1, "It is not there any more."), "the last figure stays, with its age"
    assert kept.removed_at is None


def test_looks_become_ever_rarer_and_end(written: Any, telling: Telling, now: Time) -> None:
    written()
    deliver(now)
    begun, looked = now(), []
    telling.says = {"t0": Results(likes=3)}
    for _look in range(10):
        due = ReplyResult.objects.get().next_look_at
        if due is None:
            break
        now.at = due
        assert sweep(now) == 1 and sweep(now) == 0
        looked.append(now() - begun)
    assert tuple(looked) == LOOKS_AFTER and len(telling.asked) == 6
    # A worker that was away for a week makes up for no look that it missed.
    assert next_look(begun, begun + timedelta(days=8)) == begun + timedelta(days=30)


def test_two_workers_take_different_ones_and_a_dead_ones_are_due_again(
    written: Any, telling: Telling, now: Time
) -> None:
    for _one in range(3):
        written()
        deliver(now)
    now.pass_by(HOUR)
    with acting_for(None):
        [taken] = reply_results.claim(at=now()).values()
        assert len(taken) == 3 and reply_results.claim(at=now()) == {}, "one worker has them, and dies"
    telling.says = {f"t{number}": Results(likes=number) for number in range(3)}
    assert sweep(now) == 0
    now.pass_by(LEASE.seconds + 1)
    assert sweep(now) == 3
    assert telling.asked == [["t0", "t1", "t2"]], "all of one account in one question"
    assert sorted(ReplyResult.objects.values_list("likes", flat=True)) == [0, 1, 2]


def test_an_older_answer_covers_no_newer_one(written: Any, telling: Telling, now: Time) -> None:
    written()
    deliver(now)
    row = ReplyResult.objects.get()
    began_at = now()
    now.pass_by(60)
    ReplyResult.objects.update(likes=9, fetched_at=now())
    reply_results._keep([row], {"t0": Results(likes=1)}, began_at=began_at, at=now())
    assert ReplyResult.objects.get().likes == 9


@pytest.mark.parametrize(
    ("said", "words", "wait"),
    [(RateLimited("Later.", wait=7200), "Later.", 7200), (Unreachable("Nobody there."), "Nobody there.", 900),
     (ValueError("odd"), ODD, 900), ({"t0": Results(likes=-1)}, ODD, 900), ({"t0": Results(likes=2**40)}, ODD, 900)],
)  # fmt: skip
def test_a_network_that_does_not_answer_is_asked_later_and_later(
    written: Any, telling: Telling, now: Time, said: Any, words: str, wait: int
) -> None:
    written()
    deliver(now)
    now.pass_by(HOUR)
    telling.says = said
    sweep(now)
    row = ReplyResult.objects.get()
    assert (row.likes, row.failures, row.problem) == (None, 1, words)
    assert row.next_look_at == now() + timedelta(seconds=wait)
    now.at = row.next_look_at
    sweep(now)
    row.refresh_from_db()
    assert row.next_look_at is not None and row.next_look_at - now() >= timedelta(seconds=max(wait, 1800))
    telling.says, now.at = {"t0": Results(reposts=4)}, row.next_look_at
    sweep(now)
    row.refresh_from_db()
    assert (row.reposts, row.failures, row.problem) == (4, 0, "")


def test_a_worker_whose_time_is_up_says_nothing_of_the_network(written: Any, telling: Telling, now: Time) -> None:
    written()
    deliver(now)
    now.pass_by(HOUR)
    telling.says = SoftTimeLimitExceeded()
    with pytest.raises(SoftTimeLimitExceeded):
        sweep(now)
    assert ReplyResult.objects.get().problem == ""


def test_where_a_network_tells_nothing_there_is_nothing(
    acme: Cast, written: Any, town: Town, now: Time, sign_in: Any, api: Any
) -> None:
    made = written()
    deliver(now)
    assert not ReplyResult.objects.exists()
    said = api(acme.rosa).get(f"/api/v1/replies/{made.pk}/").json()
    assert said["result"] is None, "not told is no 0"
    Reply.objects.filter(pk=made.pk).update(state="accepted")
    ReplyResult.objects.create(reply=made, answers=2, fetched_at=now() - timedelta(hours=3))
    said = api(acme.rosa).get(f"/api/v1/replies/{made.pk}/").json()["result"]
    assert (said["answers"], said["likes"]) == (2, None)
    page = " ".join(sign_in(acme.rosa).get(f"/o/acme/queue/{made.assignment_id}/").content.decode().split())
    assert "2 answers · likes: not available · reposts: not available" in page and "3 h ago" in page
