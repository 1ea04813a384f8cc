"""The stream shows a story once: which line that is, kept by the database whoever does what at the same time."""

from __future__ import annotations

import random
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listening.actions import bulk, mentions
from listening.actions import stories as stories_actions
from listening.actions.bulk import go_on
from listening.filtering import StreamFilter
from listening.models import BulkDecision, Mention, MentionMatch, SavedFilter, Story
from listening.refusals import Quicker
from listening.stories import writing
from listening.stories.gathering import hold_stories
from listening.stream import count_of, newer, page_of, waiting
from listening.triage import Triage
from roles import clock
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

SignIn = Callable[[Any], Client]
PART = {"HX-Request": "true"}
PLACES = st.lists(st.integers(0, 9), min_size=1, max_size=4)
ACTS = ("dismiss", "keep", "restore", "place", "take_out", "arrive", "remove")


def story() -> Story:
    return Story.objects.create(first_at=clock.now(), last_at=clock.now(), size=3)


def told(count: int, **fields: Any) -> list[Mention]:
    """A story of so many mentions that wait."""
    about = story()
    return [factories.mention(f"Place {n}", story=about, **fields) for n in range(count)]


def wrong() -> list[int]:
    """Mentions whose mark is not what it says: that they wait behind an earlier one of their story that waits."""
    firsts: dict[int, int] = {}
    found = []
    for row in Mention.objects.order_by("pk"):
        waits_behind = False
        if row.state == "untriaged" and row.story_id:
            waits_behind = row.pk != firsts.setdefault(row.story_id, row.pk)
        if row.is_folded != waits_behind:
            found.append(row.pk)
    return found


def shown(wanted: StreamFilter | None = None) -> list[tuple[int, int]]:
    """The lines of a filter, each with how many wait behind it."""
    return [(item.row.pk, item.behind) for item in page_of(wanted or StreamFilter()).items]


def acting(cast: Cast) -> dict[str, Any]:
    return {"by": cast.gita, "at": clock.now()}


# Which line it is ------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(ACTS), st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(0, 2))
    )
)
def test_the_mark_is_right_after_whatever_was_done(acme: Cast, acts: list[tuple[str, list[int], int]]) -> None:
    with transaction.atomic():
        stories = [story() for _ in range(3)]
        rows = [factories.mention() for _ in range(10)]
        for act, places, to in acts:
            keys = [rows[place].pk for place in places]
            some = Mention.objects.filter(pk__in=keys)
            match act:
                case "arrive":
                    rows[places[0]] = factories.mention(story=stories[to])
                case "place":
                    writing.place(dict.fromkeys(keys, stories[to].pk))
                case "take_out":
                    some.update(story=None)
                case "remove":
                    Mention.objects.filter(pk=keys[0]).delete()
                case _:
                    some.update(state=Triage(act).state)
            assert wrong() == []
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_the_mark_is_right_whatever_many_do_at_once(acme: Cast) -> None:
    stories = [story() for _ in range(3)]
    keys = [factories.mention(story=stories[n % 3]).pk for n in range(24)]
    failed: list[BaseException] = []
    start = Barrier(5)

    def work(seed: int) -> None:
        dice = random.Random(seed)
        try:
            with acting_for(acme.organization):
                start.wait()
                for _ in range(25):
                    _do_something(dice, keys, stories)
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=work, args=[seed]) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert wrong() == []


def _do_something(dice: random.Random, keys: list[int], stories: list[Story]) -> None:
    some, one = dice.sample(keys, 4), dice.choice(keys)
    at = clock.now()
    match dice.choice(["decide", "decide", "restore", "whole", "fold", "join", "split"]):
        case "decide":
            bulk.decide_ticked(Triage("dismiss"), keys=some, by=None, at=at)
        case "restore":
            bulk.decide_ticked(Triage("restore"), keys=some, by=None, at=at)
        case "whole":
            try:
                bulk.decide_ticked(Triage("keep"), keys=[one], whole=[one], by=None, at=at)
            except Quicker:
                return
        case "fold":  # as a batch does: mentions first, and stories only if nobody holds them
            with transaction.atomic():
                hold_stories(at)
                held = [row.mention_id for row in writing.held(some)]
                stood = Mention.objects.filter(pk__in=held).exclude(story=None).values_list("story_id", flat=True)
                to = dice.choice(stories).pk
                if writing.hold_story_rows([*stood, to], wait=False):
                    writing.place(dict.fromkeys(held, to))
        case "join":
            stories_actions.join_story(Mention.objects.get(pk=one), story=dice.choice(stories), by=None, at=at)
        case "split" if Mention.objects.get(pk=one).story_id:
            try:
                stories_actions.split_off(Mention.objects.get(pk=one), by=None, at=at)
            except Exception as problem:
                if "belongs to no story" not in str(problem):
                    raise


# What the list shows ---------------------------------------------------------------------------------------------


def test_a_story_is_one_line_where_its_first_waits(acme: Cast) -> None:
    rows = told(3)
    alone = factories.mention()
    assert shown() == [(alone.pk, 0), (rows[0].pk, 2)]
    mentions.dismiss(rows[0], **acting(acme))
    assert shown() == [(alone.pk, 0), (rows[1].pk, 1)]
    each = StreamFilter(fold="no")
    assert shown(each) == [(alone.pk, 0), (rows[2].pk, 0), (rows[1].pk, 0)]
    assert shown(StreamFilter(story=str(rows[0].story_id))) == [(rows[2].pk, 0), (rows[1].pk, 0)]


@pytest.mark.parametrize("order", ["", "relevance"])
def test_a_filter_folds_those_that_it_finds(acme: Cast, order: str) -> None:
    query = factories.query()
    rows = told(4)
    Mention.objects.filter(pk__in=[rows[1].pk, rows[3].pk]).update(sentiment=-1, query_ids=[query.pk])
    for row in (rows[1], rows[3]):
        MentionMatch.objects.create(mention=row, query=query)
    assert shown(StreamFilter(sentiment="-1", order=order)) == [(rows[1].pk, 3)]
    assert shown(StreamFilter(query=str(query.pk), order=order)) == [(rows[1].pk, 3)]
    assert waiting([StreamFilter(sentiment="-1"), StreamFilter(sentiment="-1", fold="no"), StreamFilter()]) == [
        "1", "2", "1",
    ]  # fmt: skip
    assert count_of(StreamFilter(sentiment="-1")) == 2


def test_pages_of_lines_miss_none_and_show_none_twice(acme: Cast) -> None:
    firsts = [told(1 + n % 3)[0].pk for n in range(9)]
    for n in range(9):
        factories.mention(story_id=Mention.objects.get(pk=firsts[n]).story_id)
    seen: list[int] = []
    before = None
    while before != 0:
        found = page_of(StreamFilter(), before=before, size=2)
        seen += [item.row.pk for item in found.items]
        before = found.before
    assert seen == firsts[::-1]


def test_what_joins_a_line_is_no_news(acme: Cast) -> None:
    rows = told(2)
    since = str(rows[1].pk)
    factories.mention(story=rows[0].story)
    assert newer([StreamFilter(), StreamFilter(fold="no"), StreamFilter(network="practice")], since) == [0, 1, 0]
    factories.mention()
    assert newer([StreamFilter(), StreamFilter(fold="no")], since) == [1, 2]


# Deciding a line -------------------------------------------------------------------------------------------------


def test_deciding_a_line_decides_its_story_and_what_comes_later_until_it_is_undone(acme: Cast, sign_in: SignIn) -> None:
    client = sign_in(acme.gita)
    rows = told(3)
    about = rows[0].story
    answer = client.post(
        "/o/acme/stream/decide/", {"do": "dismiss:spam", "mention": f"{rows[0].pk}+", "seen": "untriaged"}, headers=PART
    )
    said = answer.content.decode()
    assert "Not relevant: Spam. 3 mentions decided. What arrives of it later follows." in said
    about.refresh_from_db()
    assert (about.follow_state, about.follow_code, about.followed_by) == ("dismissed", "spam", acme.gita)
    late = factories.mention()
    writing.place({late.pk: about.pk})
    stories_actions._follow({about.pk: [late.pk]}, at=clock.now())
    late.refresh_from_db()
    assert (late.state, late.triage_code, late.triaged_by) == ("dismissed", "spam", None)
    made = BulkDecision.objects.get()
    client.post(f"/o/acme/stream/bulk/{made.pk}/undo/", headers=PART)
    about.refresh_from_db()
    assert (about.follow_state, about.follow_code, about.followed_by) == ("", "", None)
    assert shown() == [(rows[0].pk, 3)]
    assert {"decide_story", "decide_many", "undo_bulk", "restore_story"} <= {
        row.verb for row in AuditEntry.objects.all()
    }


@pytest.mark.parametrize("verb", ["keep", "route_to"])
def test_each_verb_goes_for_the_whole_line(acme: Cast, verb: str) -> None:
    rows = told(2)
    triage = Triage(verb, to=acme.care if verb == "route_to" else None)
    bulk.decide_ticked(triage, keys=[rows[0].pk], whole=[rows[0].pk], **acting(acme))
    late = factories.mention(story=rows[0].story)
    stories_actions._follow({late.story_id: [late.pk]}, at=clock.now())
    assert set(Mention.objects.values_list("state", "department")) == {(triage.state, triage.to and triage.to.pk)}


def test_one_place_is_decided_alone(acme: Cast, sign_in: SignIn) -> None:
    rows = told(3)
    client = sign_in(acme.gita)
    page = client.get(f"/o/acme/stream/?story={rows[0].story_id}").content.decode()
    assert "each decision is for one place alone" in page
    assert f'value="{rows[1].pk}"' in page
    client.post("/o/acme/stream/decide/", {"do": "keep", "mention": rows[1].pk, "in": f"story={rows[0].story_id}"})
    assert shown() == [(rows[0].pk, 1)]


def test_who_comes_second_to_a_line_is_told_and_changes_nothing(acme: Cast, sign_in: SignIn) -> None:
    rows = told(2)
    bulk.decide_ticked(Triage("keep"), keys=[rows[0].pk], whole=[rows[0].pk], by=acme.carla, at=clock.now())
    answer = sign_in(acme.gita).post(
        "/o/acme/stream/decide/", {"do": "dismiss", "mention": f"{rows[0].pk}+", "seen": "untriaged"}, headers=PART
    )
    assert answer.status_code == 409
    assert "Carla was quicker" in answer.content.decode()
    assert Story.objects.get().follow_state == "kept"
    assert BulkDecision.objects.count() == 1


def test_undo_leaves_alone_what_was_said_of_the_story_since(acme: Cast) -> None:
    rows = told(2)
    made = bulk.decide_ticked(Triage("dismiss"), keys=[rows[0].pk], whole=[rows[0].pk], **acting(acme))
    stories_actions.route_story(rows[0].story, department=acme.care, follow=True, by=acme.carla, at=clock.now())
    bulk.undo_bulk(made, **acting(acme))
    assert Story.objects.get().follow_state == "routed"
    assert set(Mention.objects.values_list("state", flat=True)) == {"untriaged"}


def test_a_large_story_is_decided_and_undone_step_by_step(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    rows = told(5)
    alone = factories.mention()
    made = bulk.decide_ticked(Triage("dismiss"), keys=[rows[0].pk, alone.pk], whole=[rows[0].pk], **acting(acme))
    assert (made.decided, made.state) == (3, "waiting")
    while go_on(made.pk, at=clock.now()):
        pass
    made.refresh_from_db()
    assert (made.decided, made.state) == (6, "done")
    bulk.undo_bulk(made, **acting(acme))
    assert shown() == [(alone.pk, 0), (rows[0].pk, 4)]


def test_columns_show_the_lines_that_the_list_shows(acme: Cast, sign_in: SignIn) -> None:
    rows = told(3, sentiment=-1)
    saved = SavedFilter.objects.create(name="Angry", query="sentiment=-1", owner=acme.gita)
    page = sign_in(acme.gita).get(f"/o/acme/stream/columns/?show={saved.pk}").content.decode()
    assert f'value="{rows[0].pk}+"' in page
    assert f"mention_{rows[1].pk}" not in page
    assert f'id="filter_{saved.pk}_count">1<' in sign_in(acme.gita).get("/o/acme/stream/").content.decode()
