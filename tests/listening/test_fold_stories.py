"""Folding in the background: each mention once, whoever dies or works at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from listening.actions import stories as actions
from listening.models import Fingerprint, Mention, Post, Story
from listening.revising import withdraw
from listening.stories import gathering, writing
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

TEXT = "Acme calls back four thousand kettles because the handle may come off while the water boils"
OTHER = "The new museum by the river opens its doors on Saturday with a concert for the whole neighbourhood"


def tellings(count: int, text: str = TEXT) -> list[Mention]:
    return [factories.mention(f"RT @someone{number}: {text} https://t.co/{number}") for number in range(count)]


def test_what_is_told_again_becomes_one_story(acme: Cast) -> None:
    alone = factories.mention(OTHER)
    told = [factories.mention(TEXT), *tellings(3)]
    short = [factories.mention("great!"), factories.mention("great!")]

    assert actions.fold_due(at=clock.now()) == 7

    story = Story.objects.get()
    assert (story.size, story.headline, story.others) == (4, TEXT, 3)
    assert set(Mention.objects.of_story(story)) == set(told)
    for row in (alone, *short):
        row.refresh_from_db()
        assert row.story is None
    assert actions.fold_due(at=clock.now()) == 0


def test_who_comes_later_joins(acme: Cast) -> None:
    tellings(2)
    actions.fold_due(at=clock.now())
    tellings(2)
    actions.fold_due(at=clock.now())
    assert Story.objects.get().size == 4


def test_the_same_address_is_the_same_piece_but_not_a_page_of_everything(acme: Cast) -> None:
    piece = {"url": "https://wheel.example/a", "url_key": "a"}
    factories.mention(post=factories.post("Bikes called back.", title="Acme calls bikes back", **piece))
    factories.mention(post=factories.post("Acme calls back. See inside.", title="Acme calls bikes back", **piece))
    factories.mention(post=factories.post("Something else entirely on the same page", url_key="a"))
    actions.fold_due(at=clock.now())
    assert Story.objects.get().size == 2


def test_what_is_too_old_is_not_compared(acme: Cast) -> None:
    at = clock.now()
    factories.mention(TEXT, at=at - timedelta(days=13))
    actions.fold_due(at=at - timedelta(days=13))
    factories.mention(TEXT, at=at + timedelta(days=3))
    actions.fold_due(at=at + timedelta(days=3))
    assert not Story.objects.exists()


def test_internal_and_public_stay_apart(acme: Cast) -> None:
    factories.mention(post=factories.post(TEXT, is_internal=True))
    factories.mention(TEXT)
    actions.fold_due(at=clock.now())
    assert not Story.objects.exists()


def test_a_large_backlog_is_folded_batch_by_batch(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BATCH", 4)
    monkeypatch.setattr(actions, "BATCH", 4)
    tellings(11)
    assert actions.fold_due(at=clock.now()) == 11
    assert Story.objects.get().size == 11


def test_an_edit_to_something_else_leaves_the_story(acme: Cast) -> None:
    rows = tellings(3)
    actions.fold_due(at=clock.now())
    Post.objects.filter(pk=rows[1].post_id).update(text=OTHER)
    writing.mark_stale([rows[1].post_id])
    actions.fold_due(at=clock.now())
    assert Story.objects.get().size == 2
    Post.objects.filter(pk=rows[1].post_id).update(text=TEXT)
    writing.mark_stale([rows[1].post_id])
    actions.fold_due(at=clock.now())
    assert Story.objects.get().size == 3


def test_what_is_withdrawn_counts_no_more_and_its_words_go(acme: Cast) -> None:
    first, _second, _third = rows = [factories.mention(TEXT), *tellings(2)]
    actions.fold_due(at=clock.now())
    withdraw("practice", [rows[0].post_id], [rows[0].post.remote_id], at=clock.now())
    actions.fold_due(at=clock.now())
    story = Story.objects.get()
    assert story.size == 2
    assert story.headline.startswith("RT @someone0")
    first.refresh_from_db()
    assert first.story is None
    assert Fingerprint.objects.get(mention=first).keys == []


def test_what_was_cleaned_up_is_counted_again(acme: Cast) -> None:
    rows = tellings(3)
    actions.fold_due(at=clock.now())
    rows[0].post.delete()
    actions.tidy(at=clock.now())
    assert Story.objects.get().size == 2


def test_a_chain_of_small_changes_does_not_drag_far_things_together(acme: Cast) -> None:
    words = (TEXT + " and nobody knows why it took so long to say so").split()
    others = OTHER.split() + "which everybody is glad to hear after so many years of waiting".split()
    for step in range(len(words)):
        factories.mention(" ".join(others[:step] + words[step:]))
    actions.fold_due(at=clock.now())
    assert all(story.size < len(words) / 2 for story in Story.objects.all())


def test_other_organizations_have_stories_of_their_own(cast: Cast) -> None:
    for organization in (cast.organization, cast.elsewhere):
        with acting_for(organization):
            factories.mention(TEXT)
            actions.fold_due(at=clock.now())
            assert not Story.objects.exists()


@pytest.fixture
def really(transactional_db: None) -> Iterator[Cast]:
    from tests.cast import assemble

    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def test_who_dies_on_the_way_has_done_nothing(really: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tellings(3)
    with monkeypatch.context() as broken:
        broken.setattr(writing, "write_fingerprints", lambda rows: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            actions.fold_due(at=clock.now())
    assert not Story.objects.exists()
    actions.fold_due(at=clock.now())
    assert Story.objects.get().size == 3


def test_two_workers_fold_once(really: Cast) -> None:
    tellings(40)
    found: list[int] = []

    def work() -> None:
        with acting_for(really.organization):
            found.append(actions.fold_due(at=clock.now()))
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 40
    assert Story.objects.get().size == 40


def test_nobody_waits_for_whoever_folds_first(really: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tellings(3)
    found: list[int] = []
    due, inside, go = writing.due, Event(), Event()

    def work() -> None:
        with acting_for(really.organization):
            found.append(actions.fold_due(at=clock.now()))
        connection.close()

    def slowly(*args: Any, **kwargs: Any) -> Any:
        inside.set()
        assert go.wait(20)
        return due(*args, **kwargs)

    monkeypatch.setattr(writing, "due", slowly)
    first, second = Thread(target=work), Thread(target=work)
    first.start()
    try:
        assert inside.wait(20)
        second.start()
        second.join(10)
        assert first.is_alive() and found == [0], "The second worker waited for the first."
    finally:
        go.set()
        first.join(20)
        second.join(20)
    assert found == [0, 3] and Story.objects.get().size == 3


def test_nothing_is_passed_over_while_its_post_is_being_edited(really: Cast) -> None:
    rows = tellings(3)
    at = clock.now()

    def work() -> None:
        with acting_for(really.organization):
            actions.fold_due(at=at + timedelta(days=1))
        connection.close()

    with transaction.atomic():
        Post.objects.filter(pk=rows[0].post_id).update(title="")
        thread = Thread(target=work)
        thread.start()
        thread.join()
    assert Story.objects.get().size == 2
    actions.fold_due(at=at + timedelta(days=1))
    assert Story.objects.get().size == 3
