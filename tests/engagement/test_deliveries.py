"""Failed and unknown deliveries: a queue with an owner, a count, one mail, and a retry that really retries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement import housekeeping, tasks
from engagement.actions.deliveries import reassign_delivery, settle_delivery
from engagement.attention import deliveries_for
from engagement.models import Reply
from engagement.refusals import Refusal
from engagement.reminding import remind
from roles import clock
from roles.models import Mail, Member, Organization
from roles.tenancy import acting_for
from tests.cast import Cast
from tests.engagement.doubles import Mute, Town, loses_the_answer, refuses
from tests.engagement.writing import Time, deliver, look


def fresh(member: Member) -> Member:
    return Member.objects.select_related("user", "organization").get(pk=member.pk)


@pytest.fixture
def refused(acme: Cast, written: Any, town: Town, now: Time) -> Reply:
    town.before = refuses
    made: Reply = written()
    deliver(now)
    town.before = lambda outgoing: None
    return Reply.objects.get(pk=made.pk)


def test_the_writer_has_to_act_or_a_coach_where_they_are_not_here(
    acme: Cast, written: Any, town: Town, now: Time
) -> None:
    town.before = refuses
    first = written()
    deliver(now)
    Member.objects.filter(pk=acme.rosa.pk).update(is_away=True)
    second = written("Another answer to somebody.")
    deliver(now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.owner, second.owner) == (acme.rosa, acme.carla)


def test_it_is_counted_beside_its_page(acme: Cast, refused: Reply) -> None:
    counted = {member: deliveries_for(fresh(member)) for member in (acme.rosa, acme.rui, acme.carla)}
    assert set(counted.values()) == {"1"}


def test_the_page_shows_what_was_tried_and_asks(acme: Cast, written: Any, town: Town, now: Time, sign_in: Any) -> None:
    town.before = loses_the_answer
    written()
    deliver(now)
    rosa = sign_in(acme.rosa)
    assert "No answer came" in rosa.get("/o/acme/deliveries/?tab=looking").content.decode()
    assert "Everything went out" in rosa.get("/o/acme/deliveries/").content.decode()
    look(now, 2)
    page = rosa.get("/o/acme/deliveries/").content.decode()
    for words in ("Is it there?", "no answer came, so it may have arrived", "Looked up: it is not there",
                  "You have to act", "Send it again"):  # fmt: skip
        assert words in page, words
    assert rosa.get(f"/o/acme/deliveries/{Reply.objects.get().pk}/").status_code == 200


def test_retry_really_retries_from_the_page_to_the_network(
    acme: Cast, refused: Reply, town: Town, now: Time, sign_in: Any
) -> None:
    where = {"decision": "send_again", "next": "/o/acme/deliveries/"}
    answer = sign_in(acme.rosa).post(f"/o/acme/replies/{refused.pk}/settle/", where)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/o/acme/deliveries/")
    assert town.texts == []
    now.at = clock.now()
    deliver(now)
    refused.refresh_from_db()
    assert (town.texts, refused.state, refused.put_before_person_at) == (["We are on it."], "accepted", None)
    assert deliveries_for(fresh(acme.rosa)) == ""


def test_filters_and_tabs_have_addresses(acme: Cast, refused: Reply, sign_in: Any) -> None:
    rosa, carla = sign_in(acme.rosa), sign_in(acme.carla)
    for query, shown in (
        ("owner=me", True), ("state=refused", True), ("state=unknown", False), ("network=town", True),
        ("network=practice", False), (f"department={acme.care.pk}", True), (f"department={acme.press.pk}", False),
        ("tab=later", False), ("after=rubbish", True), ("department=x", False),
    ):  # fmt: skip
        assert ("We are on it." in rosa.get(f"/o/acme/deliveries/?{query}").content.decode()) is shown, query
    assert "We are on it." not in carla.get("/o/acme/deliveries/?owner=me").content.decode()


def test_pages_follow_each_other_without_gap(acme: Cast, written: Any, town: Town, now: Time, sign_in: Any) -> None:
    town.before = refuses
    made = set()
    for number in range(23):
        made.add(f'id="reply_{written(f"Answer number {number} to all.").pk}"')
        deliver(now)
        now.pass_by(1)
    rosa = sign_in(acme.rosa)
    first = rosa.get("/o/acme/deliveries/").content.decode()
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = rosa.get(address).content.decode()
    assert {mark for mark in made if mark in first} | {mark for mark in made if mark in second} == made
    assert sum(mark in first for mark in made) == 20


def test_the_list_costs_the_same_for_one_and_for_twenty(
    acme: Cast, written: Any, town: Town, now: Time, sign_in: Any
) -> None:
    town.before = refuses
    rosa = sign_in(acme.rosa)

    def count() -> int:
        rosa.get("/o/acme/deliveries/")
        with CaptureQueriesContext(connection) as queries:
            rosa.get("/o/acme/deliveries/")
        return len(queries)

    written()
    deliver(now)
    one = count()
    for number in range(14):
        written(f"Answer number {number} to all.")
        deliver(now)
    assert count() == one


def test_another_may_be_given_it(acme: Cast, refused: Reply, now: Time, sign_in: Any) -> None:
    sign_in(acme.rosa).post(f"/o/acme/deliveries/{refused.pk}/reassign/", {"to": acme.rui.pk})
    refused.refresh_from_db()
    assert refused.owner == acme.rui
    with pytest.raises(ValidationError, match="does not answer"):
        reassign_delivery(refused, to=acme.gita, by=acme.rosa, at=now())
    Member.objects.filter(pk=acme.rui.pk).update(is_away=True)
    with pytest.raises(ValidationError, match="away"):
        reassign_delivery(refused, to=fresh(acme.rui), by=acme.rosa, at=now())
    settle_delivery(refused, decision="give_up", by=acme.rosa, at=now())
    with pytest.raises(Refusal, match="nothing to decide"):
        reassign_delivery(refused, to=acme.carla, by=acme.rosa, at=now())


def test_a_mail_goes_out_once_if_nobody_acts(acme: Cast, refused: Reply, now: Time) -> None:
    assert remind(at=now()) == 0
    now.pass_by(16 * 60)
    with acting_for(None):
        assert [one.slug for one in housekeeping.organizations_with_deliveries(at=now())] == ["acme"]
    assert [remind(at=now()) for _ in range(3)] == [1, 0, 0]
    mail = Mail.objects.get()
    assert (mail.member, mail.kind) == (acme.rosa, "delivery")
    assert "The town does not want to hear this." in mail.text
    settle_delivery(refused, decision="send_again", by=acme.rosa, at=now())
    Reply.objects.update(put_before_person_at=now() - timedelta(hours=1))
    assert remind(at=now()) == 0


def test_who_went_away_meanwhile_is_not_written_to(acme: Cast, refused: Reply, now: Time) -> None:
    Member.objects.filter(pk=acme.rosa.pk).update(is_away=True)
    now.pass_by(16 * 60)
    remind(at=now())
    assert Mail.objects.get().member == acme.carla
    refused.refresh_from_db()
    assert refused.owner == acme.carla


def test_what_nobody_can_look_up_asks_at_once(acme: Cast, written: Any, mute: Mute, now: Time, sign_in: Any) -> None:
    mute.before = loses_the_answer
    written(network="mute")
    deliver(now)
    assert "cannot be asked" in sign_in(acme.rosa).get("/o/acme/deliveries/").content.decode()
    assert Reply.objects.get().owner == acme.rosa


def test_one_organization_s_trouble_does_not_stop_the_sweep_for_the_next(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Organization] = []

    def stumble(**_at: object) -> None:
        from roles.tenancy import active_organization

        seen.append(active_organization())
        if len(seen) == 1:
            raise RuntimeError("broken")

    monkeypatch.setattr(tasks.reminding, "remind", stumble)
    both = [acme.organization, acme.elsewhere]
    monkeypatch.setattr(tasks.housekeeping, "organizations_with_deliveries", lambda **_at: both)
    with acting_for(None):
        tasks.remind_of_deliveries()
    assert seen == both


def test_over_the_api(acme: Cast, refused: Reply, now: Time, api: Any) -> None:
    rosa = api(acme.rosa)
    one = rosa.get("/api/v1/replies/?needs_a_person=true").json()["results"][0]
    assert (one["id"], one["owner"]) == (refused.pk, acme.rosa.pk)
    tried = rosa.get(f"/api/v1/replies/{refused.pk}/deliveries/").json()
    assert [step["sentence"] for step in tried] == ["Sent: the network refused it."]
    assert rosa.post(f"/api/v1/replies/{refused.pk}/reassign/", {"to": acme.rui.pk}).json()["owner"] == acme.rui.pk
    assert rosa.post(f"/api/v1/replies/{refused.pk}/withdraw/").json()["state"] == "cancelled"
