"""That an assignment is yours now reaches a telephone: once, without its words, and only whoever asked for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.actions.assignments import assign, claim
from engagement.models import Assignment
from listening.actions import notices as actions
from listening.models import Notice, NoticeAddress
from listening.notices import telling
from roles import clock
from roles.models import Mail, Member
from tests import factories
from tests.cast import Cast


def address(member: Member, *kinds: str) -> NoticeAddress:
    wanted = {"name": "Telephone", "address": "ntfy://ntfy.example.org/topic", "kinds": kinds or ("assignment",)}
    return actions.add_notice_address(member, **wanted, by=member, at=clock.now())  # type: ignore[arg-type]


def given(cast: Cast, **fields: object) -> Assignment:
    mention = factories.mention("My secret order is lost", department=cast.care, state="routed")
    said = {"mention": mention, "network": "mastodon", "department": cast.care, "member": cast.rosa, "state": "open"}
    return factories.assignment(**said | {"assigned_at": clock.now()} | fields)


def told() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("subject", flat=True))


def test_it_is_told_once_and_without_its_words(acme: Cast) -> None:
    given(acme, assigned_at=clock.now() - timedelta(minutes=1))
    row = address(acme.rosa)
    address(acme.carla)
    address(acme.rui, "note")
    assert telling.gather(at=clock.now()) == 0, "what was before is no news"
    made = given(acme, priority=1)
    assert [telling.gather(at=clock.now()) for _time in range(2)] == [1, 0]
    notice = Notice.objects.get()
    assert (notice.address, notice.subject) == (row, "Urgent, and yours now: a mention on Mastodon")
    assert notice.url.endswith(f"/o/acme/queue/{made.pk}/") and "order" not in notice.subject
    assert not Mail.objects.exists()


def test_what_is_claimed_meanwhile_is_not_told_and_what_comes_back_is(acme: Cast) -> None:
    address(acme.rosa)
    row = given(acme)
    claim(row, by=acme.rosa, at=clock.now())
    assert telling.gather(at=clock.now()) == 0
    later = clock.now() + timedelta(hours=1)
    assign(row, to=acme.rui, by=acme.carla, at=later)
    assign(Assignment.objects.get(), to=acme.rosa, by=acme.carla, at=later + timedelta(hours=1))
    assert telling.gather(at=later + timedelta(hours=2)) == 1
    assert told() == ["Yours now: a mention on Mastodon"]


def test_who_chooses_it_later_is_told_from_then_on(acme: Cast) -> None:
    row = address(acme.rosa, "note")
    given(acme)
    kept = {"name": row.name, "pace": row.pace, "by": acme.rosa}
    actions.change_notice_address(row, **kept, kinds=["note", "assignment"], is_active=True, at=clock.now())
    assert telling.gather(at=clock.now()) == 0
    given(acme)
    row.refresh_from_db()
    actions.change_notice_address(row, **kept, kinds=["assignment"], is_active=True, at=clock.now())
    assert telling.gather(at=clock.now()) == 1, "choosing less loses nothing"


def test_many_cost_as_many_questions_as_one(acme: Cast) -> None:
    address(acme.rosa)
    counts = []
    for number in (1, 20):
        for _one in range(number):
            given(acme)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert telling.gather(at=clock.now()) == number
        counts.append(len(asked))
    assert counts[0] == counts[1]
