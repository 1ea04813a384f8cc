"""Answers to a network that loses receipts, by workers that are killed wherever they are, until nothing is due.

A network is a `There`: people ask, we answer, and what stands there is counted. In the end each question has exactly
one answer there, whatever was lost on the way, and none is told otherwise than it is.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.db.models import Q

from engagement import outbox
from engagement.actions.deliveries import settle_delivery
from engagement.actions.replies import reply
from engagement.models import Reply
from listening.models import Author, Channel
from listening.way_out.housekeeping import LOOKS, SEEN_LOOKS
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.writing import Time
from tests.faults.forked import killed

# How many a network gets where nobody says otherwise; a thousand by NETWORK_DELIVERIES.
DELIVERIES = int(os.environ.get("NETWORK_DELIVERIES", "25"))
SHORTEST, LONGEST = 0.3, 2.5
ROUNDS = 80
# So many workers are killed for each delivery, but at least these; who comes then comes to the end. Where a machine is
# so slow that one answer takes as long as a worker lives, the last answers would else be killed over and over.
KILLS, LEAST_KILLS, LEAST_A_ROUND = 0.1, 10, 3


class There(Protocol):
    """A network as a trial needs it; `name` as we call it, `network` as people do."""

    name: str
    network: str
    asks_as: str

    @property
    def lost(self) -> Counter[str]:
        """How many answers and requests were lost."""
        ...

    def channel(self) -> Channel:
        """The account that answers."""
        ...

    def ask(self, count: int) -> Sequence[str]:
        """Let people ask so many questions, and return the ids by which we know them."""
        ...

    def lose(self, share: float, requests: float) -> None:
        """From now on lose this share of the answers, and that share of the requests."""
        ...

    def answers(self) -> Mapping[str, Sequence[str]]:
        """The ids of our answers that stand there, by the question; waits until nothing is on its way any more."""
        ...


@dataclass
class Trial:
    """What happened in one run."""

    network: str
    count: int
    kills: int = 0
    seconds: float = 0.0
    lost: Mapping[str, int] = field(default_factory=dict)
    by_person: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lost = [self.lost.get(kind, 0) for kind in ("answer", "request")]
        decided = [self.by_person[kind] for kind in ("mark_as_sent", "send_again")]
        return " | ".join(map(str, (self.network, self.count, *lost, self.kills, *decided, round(self.seconds))))


def deliver_all(acme: Cast, there: There, count: int, dice: random.Random | None = None) -> Trial:
    """Answer so many questions while a fifth of all receipts is lost; with dice, workers are killed on their way, too.

    What comes before a person is decided by Carla, who looks at the network: it stands there, or is sent again.
    """
    trial, now = Trial(there.network, count), Time()
    channel = there.channel()
    questions = there.ask(count)
    author = Author.objects.create(network=there.name, remote_id=there.asks_as, handle=there.asks_as)
    for number, question in enumerate(questions):
        about = factories.post(network=there.name, remote_id=question, author=author)
        mention = factories.mention(post=about, department=acme.care, state="routed")
        row = factories.assignment(
            department=acme.care, member=acme.rosa, state="claimed", claimed_at=now(), mention=mention
        )
        reply(row, text=f"Answer {number}", by=acme.rosa, at=now(), channel=channel)
    there.lose(0.2, 0.05)
    begun = time.monotonic()
    for _round in range(ROUNDS):
        now.pass_by(LOOKS[-1])
        if dice is not None:
            left = max(round(count * KILLS), LEAST_KILLS) - trial.kills
            trial.kills += deliver_and_die(now, dice, most=min(left, max(count // 20, LEAST_A_ROUND)))
        _deliver(now)
        _decide(acme, there, now, trial)
        _none_is_refused()
        if not Reply.objects.exclude(_at_their_end()).exists():
            break
    trial.seconds, trial.lost = time.monotonic() - begun, dict(there.lost)
    _judge(there, questions)
    _write_down(trial)
    return trial


def _at_their_end() -> Q:
    """What was seen there, or was looked for so often in vain that it is not looked for any more."""
    return Q(state=Reply.State.ACCEPTED) & (Q(seen_at__isnull=False) | Q(looks__gte=SEEN_LOOKS))


def deliver_and_die(now: Time, dice: random.Random, *, most: int) -> int:
    """Let workers deliver and look until one comes to its end, or enough were killed; returns how many."""
    kills = 0
    while kills < most and killed(lambda: _work(now, dice.uniform(SHORTEST, LONGEST))):
        kills += 1
        # Until the lease of the dead has run out, nobody touches what it had.
        now.pass_by(LOOKS[-1])
    return kills


def _work(now: Time, seconds: float) -> None:
    end = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL))
    end.daemon = True
    end.start()
    _deliver(now)
    end.cancel()


def _deliver(now: Time) -> None:
    with acting_for(None):
        outbox.expire_leases(at=now())
        while outbox.deliver_next(now=now):
            pass
        now.pass_by(LOOKS[-1])
        while outbox.look_next(now=now):
            pass


def _none_is_refused() -> None:
    """What a network that means well refuses goes out no more: the trial is over, and says why."""
    refused = Reply.objects.filter(state__in=(Reply.State.REFUSED, Reply.State.CANCELLED))
    assert not refused.exists(), set(refused.values_list("state", "problem"))


def _decide(acme: Cast, there: There, now: Time, trial: Trial) -> None:
    waiting = list(Reply.objects.before_a_person().with_everything())
    stands = there.answers() if waiting else {}
    for row in waiting:
        decision = "mark_as_sent" if stands.get(row.post.remote_id) else "send_again"
        settle_delivery(row, decision=decision, by=acme.carla, at=now())
        trial.by_person[decision] += 1


def _judge(there: There, questions: Iterable[str]) -> None:
    assert sum(there.lost.values()) > 0, "nothing was lost: that proves nothing"
    assert set(Reply.objects.values_list("state", flat=True)) == {Reply.State.ACCEPTED}
    stands = there.answers()
    assert {question: len(stands.get(question, ())) for question in questions} == dict.fromkeys(questions, 1)
    # What a person has marked as sent names no post.
    told = {row.remote_id: row.post.remote_id for row in Reply.objects.exclude(remote_id="").select_related("post")}
    assert told.items() <= {ours: question for question, all_ours in stands.items() for ours in all_ours}.items()


def _write_down(trial: Trial) -> None:
    if page := os.environ.get("NETWORK_TRIALS"):
        with Path(page).open("a") as lines:
            lines.write(f"{trial}\n")
