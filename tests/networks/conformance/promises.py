"""The promises of a network, each a test. A stage is asked for what it can play, a network for what it can do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import ClassVar

import pytest

from listening.networks.connecting import Connects, OffersPlaces
from listening.networks.protocols import (
    Accepted,
    AccessWithdrawn,
    Charges,
    ChecksPlaces,
    Counts,
    NetworkError,
    RateLimited,
    Reads,
    Reconciles,
    Refused,
    Replies,
    Revisits,
    SeesMany,
    TellsResults,
    Unreachable,
)
from listening.networks.publishing import FindsPieces, Publishes, Withdraws
from tests.networks.conformance.asking import (
    STRANGE,
    Penniless,
    asks,
    heard,
    no_piece,
    not_found,
    outgoing,
    piece,
    read,
    walk,
)
from tests.networks.conformance.stage import Stage


class Promises:
    """What a network promises to whoever listens and speaks through it."""

    # Which stages; empty: the built-in ones, or those named by --network.
    stages: ClassVar[list[type[Stage]]] = []

    def test_it_says_what_it_is(self, stage: Stage) -> None:
        network = stage.network
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", network.name) and str(network.label).strip()
        assert network.ids_within in {"network", "source"}
        assert not isinstance(network, Reconciles) or isinstance(network, Replies), "what is found again was sent"

    # Listening.
    @asks(Reads, plays="says")
    def test_all_that_is_said_is_heard(self, stage: Stage) -> None:
        said = {stage.says(f"Post {number}"): f"Post {number}" for number in range(3)}
        found, _since = walk(stage, {})
        assert {key: " ".join(found[key].text.split()) for key in said} == said
        for key in said:
            post = found[key]
            assert isinstance(post.id, str) and post.id and not post.deleted
            assert post.published_at is None or post.published_at.tzinfo is not None

    @asks(Reads, plays="says")
    def test_what_is_said_later_is_heard_from_where_one_stood(self, stage: Stage) -> None:
        stage.says("First")
        _found, since = walk(stage, {})
        later = {stage.says("Second"), stage.says("Third")}
        found, since = walk(stage, since)
        assert later <= set(found)
        assert set(walk(stage, since)[0]) <= set(found), "nothing comes as new a second time"

    @asks(Reads, plays="says")
    def test_none_of_many_is_lost(self, stage: Stage) -> None:
        stage.says("Before")
        _found, since = walk(stage, {})
        said = {stage.says(f"One of many, {number}") for number in range(stage.many)}
        missing = said - set(walk(stage, since)[0])
        assert not missing, f"{len(missing)} of {stage.many} were lost"

    @asks(Reads, plays="says")
    def test_words_come_as_they_were_written(self, stage: Stage) -> None:
        assert " ".join(heard(stage, stage.says(STRANGE)).text.split()) == STRANGE

    @asks(Reads, plays="says asks_to_wait")
    def test_a_wait_is_heard_as_a_wait(self, stage: Stage) -> None:
        stage.says("Something")
        stage.asks_to_wait(120)
        with pytest.raises(RateLimited) as problem:
            read(stage, {})
        assert problem.value.wait is not None and 100 <= problem.value.wait <= 140 and str(problem.value)

    @asks(Reads, plays="is_out_of_order")
    def test_a_broken_network_withdraws_nothing(self, stage: Stage) -> None:
        stage.is_out_of_order()
        with pytest.raises(NetworkError) as problem:
            read(stage, {})
        assert not isinstance(problem.value, Refused) and str(problem.value)

    @asks(Reads, plays="says withdraws_access")
    def test_withdrawn_access_is_said_as_that(self, stage: Stage) -> None:
        stage.says("Something")
        stage.withdraws_access()
        with pytest.raises(AccessWithdrawn) as problem:
            read(stage, {})
        assert str(problem.value)

    @asks(ChecksPlaces)
    def test_a_place_is_written_in_one_way(self, stage: Stage) -> None:
        if not stage.place:
            # Nothing is typed there, so that whatever is typed is refused, in words.
            with pytest.raises(ValueError, match=r"\w"):
                stage.network.check_place("https://example.org/")
            return
        once = stage.network.check_place(stage.place)
        assert stage.network.check_place(once) == once

    # Edits and deletions.
    @asks(Revisits, plays="says edits")
    def test_an_edit_is_found_when_looked_for(self, stage: Stage) -> None:
        post, other = stage.says("Is it down?"), stage.says("Something else")
        stage.edits(post, "Is it down again?")
        found = {one.id: one for one in stage.network.revisit(stage.access(), [post, other])}
        assert " ".join(found[post].text.split()) == "Is it down again?"
        assert other not in found or " ".join(found[other].text.split()) == "Something else"

    @asks(Revisits, plays="says deletes")
    def test_a_deletion_is_found_when_looked_for(self, stage: Stage) -> None:
        post, other = stage.says("Is it down?"), stage.says("Something else")
        stage.deletes(post)
        found = {one.id: one for one in stage.network.revisit(stage.access(), [post, other])}
        assert found[post].deleted and not (other in found and found[other].deleted)

    @asks(Revisits, plays="says asks_to_wait")
    def test_a_wait_is_no_deletion(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        stage.asks_to_wait(60)
        with pytest.raises(RateLimited):
            stage.network.revisit(stage.access(), [post])

    # Speaking.
    @asks(Replies, plays="says answers_to")
    def test_an_answer_arrives_as_it_was_written(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        accepted = stage.network.reply(stage.access(), outgoing(stage, post, STRANGE))
        assert isinstance(accepted, Accepted) and accepted.id
        assert [" ".join(text.split()) for text in stage.answers_to(post)] == [STRANGE]

    @asks(Charges, Replies, plays="says answers_to")
    def test_what_the_money_does_not_reach_does_not_go_out(self, stage: Stage) -> None:
        network, facts = stage.network, stage.access().facts
        assert all(price.most > 0 and str(price.label).strip() for price in network.prices(facts))
        assert network.price_of_reply("Yes.", facts).most in {price.most for price in network.prices(facts)}
        post = stage.says("Is it down?")
        access = replace(stage.access(), http=Penniless(["127.0.0.1"]))
        with pytest.raises(RateLimited):
            network.reply(access, outgoing(stage, post))
        with pytest.raises(RateLimited):
            read(stage, {}, http=Penniless(["127.0.0.1"]))
        assert not stage.answers_to(post)

    @asks(Replies, plays="says deletes answers_to")
    def test_an_answer_to_what_is_gone_is_refused(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        stage.deletes(post)
        with pytest.raises(Refused) as problem:
            stage.network.reply(stage.access(), outgoing(stage, post))
        assert str(problem.value) and not stage.answers_to(post)

    @asks(Replies, Reconciles, plays="says answers_to")
    def test_an_answer_is_found_again_by_its_key(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        assert not_found(stage, outgoing(stage, post)), "it surely did not go out"
        accepted = stage.network.reply(stage.access(), outgoing(stage, post))
        found = stage.network.find_reply(stage.access(), outgoing(stage, post))
        assert found is not None and found.id == accepted.id
        other = outgoing(stage, post, "Something else.", key="key-2")
        assert not_found(stage, other)
        assert len(stage.answers_to(post)) == 1, "looking writes nothing"

    @asks(Replies, SeesMany, plays="says answers_to")
    def test_what_stands_is_told_of_many_at_once(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        first = stage.network.reply(stage.access(), outgoing(stage, post)).id
        second = stage.network.reply(stage.access(), outgoing(stage, post, "Something else.", key="key-2")).id
        asked = [second, first, f"{first}9999999"]
        standing = stage.network.standing
        assert set(standing(stage.access(), asked)) == {first, second} and not standing(stage.access(), [])
        if isinstance(stage.network, Withdraws):
            stage.network.withdraw(stage.access(), first)
            assert set(standing(stage.access(), asked)) == {second}

    @asks(Replies, plays="says answers_to loses_next_answer")
    def test_a_lost_receipt_is_not_known_and_nothing_else(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        stage.loses_next_answer()
        with pytest.raises(Unreachable):
            stage.network.reply(stage.access(), outgoing(stage, post))
        assert len(stage.answers_to(post)) == 1

    @asks(Replies, Reconciles, plays="says answers_to loses_next_answer")
    def test_what_went_out_without_a_receipt_is_found(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        stage.loses_next_answer()
        with pytest.raises(Unreachable):
            stage.network.reply(stage.access(), outgoing(stage, post))
        found = stage.network.find_reply(stage.access(), outgoing(stage, post))
        assert found is not None and found.id and len(stage.answers_to(post)) == 1

    @asks(Replies, plays="says answers_to asks_to_wait")
    def test_an_answer_that_has_to_wait_did_not_go_out(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        stage.asks_to_wait(60)
        with pytest.raises(RateLimited):
            stage.network.reply(stage.access(), outgoing(stage, post))
        assert not stage.answers_to(post)

    @asks(Replies, plays="says answers_to withdraws_access")
    def test_an_answer_without_access_did_not_go_out(self, stage: Stage) -> None:
        post = stage.says("Is it down?")
        access = stage.access()
        stage.withdraws_access()
        with pytest.raises(AccessWithdrawn):
            stage.network.reply(access, outgoing(stage, post))
        assert not stage.answers_to(post)

    @asks(TellsResults, plays="says")
    def test_results_of_what_is_not_there_are_left_out(self, stage: Stage) -> None:
        assert stage.network.results_of(stage.access(), ["990001"]) == {}

    @asks(Counts)
    def test_longer_texts_count_more(self, stage: Stage) -> None:
        network = stage.network
        for facts in ({}, stage.access().facts):
            limits = network.limits(facts)
            assert (
                network.count("", facts) == 0 < network.count("a", facts) < network.count("a word and another", facts)
            )
            assert limits.text is None or limits.text >= network.count("a word and another", facts)

    # Publishing.
    @asks(Publishes, plays="pieces")
    def test_a_piece_arrives_as_it_was_written(self, stage: Stage) -> None:
        accepted = stage.network.publish(stage.access(), piece(stage, STRANGE))
        assert isinstance(accepted, Accepted) and accepted.id
        [words] = stage.pieces()
        assert STRANGE in " ".join(words.split())

    @asks(Publishes, FindsPieces, plays="pieces")
    def test_a_piece_is_found_again_by_its_key(self, stage: Stage) -> None:
        assert no_piece(stage, piece(stage)), "it surely did not go out"
        accepted = stage.network.publish(stage.access(), piece(stage))
        found = stage.network.find_piece(stage.access(), piece(stage))
        assert found is not None and found.id == accepted.id
        assert no_piece(stage, piece(stage, "Something else is new.", key="piece-2"))
        assert len(stage.pieces()) == 1, "looking writes nothing"

    @asks(Publishes, FindsPieces, plays="pieces loses_next_answer")
    def test_a_piece_without_a_receipt_is_not_known_and_then_found(self, stage: Stage) -> None:
        stage.loses_next_answer()
        with pytest.raises(Unreachable):
            stage.network.publish(stage.access(), piece(stage))
        found = stage.network.find_piece(stage.access(), piece(stage))
        assert found is not None and found.id and len(stage.pieces()) == 1

    @asks(Publishes, plays="pieces asks_to_wait")
    def test_a_piece_that_has_to_wait_did_not_go_out(self, stage: Stage) -> None:
        stage.asks_to_wait(60)
        with pytest.raises(RateLimited):
            stage.network.publish(stage.access(), piece(stage))
        assert not stage.pieces()

    @asks(Publishes, plays="pieces withdraws_access")
    def test_a_piece_without_access_did_not_go_out(self, stage: Stage) -> None:
        access = stage.access()
        stage.withdraws_access()
        with pytest.raises(AccessWithdrawn):
            stage.network.publish(access, piece(stage))
        assert not stage.pieces()

    @asks(Publishes, Withdraws, plays="pieces")
    def test_a_piece_is_taken_back_and_twice_is_no_error(self, stage: Stage) -> None:
        accepted = stage.network.publish(stage.access(), piece(stage))
        for _twice in range(2):
            stage.network.withdraw(stage.access(), accepted.id)
        assert not stage.pieces()

    # Connecting.
    @asks(Connects, plays="filled")
    def test_what_is_typed_connects(self, stage: Stage) -> None:
        way, filled = stage.filled()
        [chosen] = [one for one in stage.network.offer.ways if one.name == way]
        assert {asked.name for asked in chosen.asked if asked.is_required} <= set(filled)
        found = stage.network.connect(stage.access(), way, filled)
        secrets = [filled[asked.name] for asked in chosen.asked if asked.kind == "secret"]
        assert secrets and not any(secret in repr(found) for secret in secrets)
        json.dumps([dict(found.credentials), dict(found.facts)])
        access = replace(
            stage.access(), credentials=found.credentials, account=found.account, server=found.server, facts=found.facts
        )
        again = stage.network.check(access)
        assert (again.account.id, again.server) == (found.account.id, found.server)

    @asks(Connects, plays="filled")
    def test_a_wrong_secret_is_refused_and_not_repeated(self, stage: Stage) -> None:
        way, filled = stage.filled()
        [chosen] = [one for one in stage.network.offer.ways if one.name == way]
        wrong = {asked.name: "wrong-8f3a1c" if asked.kind == "secret" else filled[asked.name] for asked in chosen.asked}
        with pytest.raises((Refused, ValueError)) as problem:
            stage.network.connect(stage.access(), way, wrong)
        assert str(problem.value) and "8f3a1c" not in str(problem.value)

    @asks(Connects, plays="withdraws_access")
    def test_a_check_says_that_access_is_withdrawn(self, stage: Stage) -> None:
        access = stage.access()
        stage.withdraws_access()
        with pytest.raises(AccessWithdrawn):
            stage.network.check(access)

    @asks(Connects, plays="is_out_of_order")
    def test_a_check_of_what_is_out_of_order_withdraws_nothing(self, stage: Stage) -> None:
        access = stage.access()
        stage.is_out_of_order()
        with pytest.raises(NetworkError) as problem:
            stage.network.check(access)
        assert not isinstance(problem.value, Refused)

    @asks(Connects, OffersPlaces, plays="filled")
    def test_what_is_offered_can_be_listened_to(self, stage: Stage) -> None:
        for place, label in stage.network.offered_places(stage.access()):
            assert str(label).strip()
            if isinstance(stage.network, ChecksPlaces):
                assert stage.network.check_place(place) == place
