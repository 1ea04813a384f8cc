"""Who sees what in the queue, and addresses that name nothing sensible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from engagement.models import Assignment
from engagement.queue import counts
from listening.models import PostToIndex
from listening.searching.housekeeping import index_due
from tests import factories
from tests.cast import Cast

Given = Callable[..., Assignment]


def test_a_department_sees_its_own_work_and_no_other(acme: Cast, given: Given, sign_in: Any) -> None:
    theirs, ours = factories.assignment(department=acme.press), given()
    rosa, gita = sign_in(acme.rosa), sign_in(acme.gita)
    assert rosa.get(f"/o/acme/queue/{theirs.pk}/").status_code == 404
    assert gita.get(f"/o/acme/queue/{theirs.pk}/").status_code == 200
    for tab in ("waiting", "everyone"):
        shown = rosa.get(f"/o/acme/queue/?tab={tab}").context["assignments"]
        assert [row.pk for row in shown] == [ours.pk]
    assert {row.pk for row in gita.get("/o/acme/queue/?tab=everyone").context["assignments"]} == {theirs.pk, ours.pk}
    assert (counts(acme.rosa)["waiting"], counts(acme.gita)["waiting"]) == ("1", "2")


def test_one_s_department_and_what_one_was_given_elsewhere_are_one_list(
    acme: Cast, given: Given, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engagement.queue.PER_PAGE", 2)
    elsewhere = [factories.assignment(department=acme.press, member=acme.rosa, priority=n) for n in (1, 3)]
    ours = [given(priority=2), given(acme.rosa, priority=1), given(priority=4)]
    factories.assignment(department=acme.press, priority=1)
    shown, address, rosa = [], "/o/acme/queue/?tab=everyone", sign_in(acme.rosa)
    while address:
        context = rosa.get(address).context
        shown.append([row.pk for row in context["assignments"]])
        address = context["next_url"]
    expected = sorted([*elsewhere, *ours], key=lambda row: (row.priority, row.due_at, row.pk))
    assert [key for keys in shown for key in keys] == [row.pk for row in expected]
    assert [len(keys) for keys in shown] == [2, 2, 1]


def test_filters_narrow_alone_and_together_on_the_page_and_in_the_api(
    acme: Cast, given: Given, api: Any, sign_in: Any
) -> None:
    rows = {
        (network, department, priority): given(network=network, priority=priority)
        if department == acme.care
        else factories.assignment(
            department=department, priority=priority, mention=factories.mention(post=factories.post(network=network))
        )
        for network, department, priority in (
            ("practice", acme.care, 1), ("feed", acme.care, 1), ("feed", acme.press, 1), ("feed", acme.press, 3),
        )
    }  # fmt: skip
    page, program = sign_in(acme.carla), api(acme.carla)
    for asked in (
        {"network": "feed"}, {"department": acme.press.pk}, {"priority": 1}, {"network": "feed", "priority": 1},
        {"network": "feed", "department": acme.care.pk}, {"network": "practice", "department": acme.press.pk},
        {"network": "feed", "department": acme.press.pk, "priority": 3}, {"network": "elsewhere"},
    ):  # fmt: skip
        wanted = {
            row.pk
            for (network, department, priority), row in rows.items()
            if {"network": network, "department": department.pk, "priority": priority} | asked
            == {"network": network, "department": department.pk, "priority": priority}
        }
        query = urlencode(asked)
        for tab in ("everyone", "waiting"):
            shown = page.get(f"/o/acme/queue/?tab={tab}&{query}").context["assignments"]
            assert {row.pk for row in shown} == wanted, (tab, asked)
        told = program.get(f"/api/v1/assignments/?{query}").json()["results"]
        assert {row["id"] for row in told} == wanted, asked
    assert program.get("/api/v1/assignments/?priority=9").status_code == 400


def test_what_one_was_given_one_sees_wherever_it_lies(acme: Cast, sign_in: Any) -> None:
    row = factories.assignment(department=acme.press, member=acme.rosa)
    assert sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/").status_code == 200


def test_words_that_are_searched_for_are_marked_where_a_post_says_them(acme: Cast, sign_in: Any) -> None:
    said = f"{'At first all was well. ' * 9}Then <b>the Café</b> was closed."
    row = factories.assignment(department=acme.care, member=acme.rosa, text=said)
    PostToIndex.objects.create(post_id=row.mention.post_id)
    index_due()
    shown = sign_in(acme.rosa).get("/o/acme/queue/?search=cafe -zeppelin").content.decode()
    assert "&lt;b&gt;the <mark>Café</mark>&lt;/b&gt; was closed." in shown
    by_author = sign_in(acme.rosa).get(f"/o/acme/queue/?search={row.mention.post.author.handle}").content.decode()
    assert "At first all was well." in by_author
    assert "<mark>" not in by_author


HUGE, SUPERSCRIPT, LONG = "9" * 30, "²", "9" * 5000


@pytest.mark.parametrize("key", [HUGE, SUPERSCRIPT, LONG])
@pytest.mark.parametrize(
    "path",
    [
        "queue/?tab=everyone&department={}",
        "queue/?tab=everyone&priority={}",
        "stream/?before={}",
        "stream/?query={}",
        "sources/?after=name~{}",
        "practice/?before={}",
        "audit/?before={}",
    ],
)
def test_a_key_that_no_row_has_is_no_error(acme: Cast, sign_in: Any, path: str, key: str) -> None:
    assert sign_in(acme.carla).get(f"/o/acme/{path.format(key)}").status_code in {200, 400}


@pytest.mark.parametrize(
    "path", ["queue/newer/?since=2026-13-45T00:00:00Z", "queue/newer/?since=2026-01-01T00:00:00", "queue/newer/?since="]
)
def test_a_moment_that_never_was_is_no_error(acme: Cast, sign_in: Any, path: str) -> None:
    assert sign_in(acme.carla).get(f"/o/acme/{path}&tab=everyone").status_code == 200


def test_a_letter_that_cannot_be_stored_is_refused(acme: Cast, given: Given, sign_in: Any) -> None:
    row = given(acme.rosa)
    rosa = sign_in(acme.rosa)
    assert rosa.get("/o/acme/queue/?search=a%00b").status_code == 400
    assert rosa.post(f"/o/acme/queue/{row.pk}/note/", {"text": "a\x00b"}).status_code == 400


@pytest.mark.parametrize("key", [HUGE, SUPERSCRIPT, LONG])
def test_the_api_refuses_keys_that_no_row_has(acme: Cast, api: Any, given: Given, key: str) -> None:
    row = given(acme.rosa)
    client = api(acme.carla)
    for path in (
        f"assignments/?member={key}", f"assignments/?department={key}", f"replies/?assignment={key}",
        f"mentions/?query={key}", f"mentions/?source={key}", f"posts/?source={key}", f"assignments/{key}/",
    ):  # fmt: skip
        assert client.get(f"/api/v1/{path}").status_code in {200, 400, 404}, path
    assert client.post(f"/api/v1/assignments/{row.pk}/claim/", {"version": 10**30}).status_code == 400
    factories.channel()
    body = {"assignment": row.pk, "text": "Hello", "seen_version": 10**30}
    assert client.post("/api/v1/replies/", body).status_code == 400
