"""The way out of publications: once, in time or not at all, looked for where in doubt, settled by a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from content import gate, holding, publishing
from content.actions.first_comments import settle_comment
from content.actions.pieces import edit_piece
from content.actions.publications import plan, plan_now, reassign_publication, replan, settle_publication, unplan
from content.actions.variants import edit_variant
from content.digest import digest_of
from content.models import FirstComment, Piece, Publication, ReviewPolicy
from content.punctuality import reckon_due_times, remind
from engagement.actions.stops import lift_stop, stop_sending
from engagement.refusals import Refusal
from listening.models import Channel, OwnFeedEntry, PracticeAccount, PracticePost
from listening.networks.protocols import RateLimited, Refused, Unreachable
from maturity.actions.surges import plan_surge, switch_surge_off, switch_surge_on
from roles.actions.handover import hand_over_everything
from roles.belongings import belongings
from roles.models import AuditEntry, Level, Position
from roles.models.mail import Mail
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square
from tests.content.publishing import look, look_after, publish
from tests.engagement.writing import Time


def raising(problem: Exception) -> Any:
    def refuse(out: Any) -> None:
        raise problem

    return refuse


LOST = raising(Unreachable("The answer did not come in time."))


def test_it_goes_out_once_when_its_time_has_come(
    creating: Cast, written: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = written(link="https://acme.example/", tags=["bikes"], language="en", title="Wheels")
    due = now() + timedelta(hours=2)
    row = plan(variant, on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    publish(now)
    assert not square.taken
    heard: list[Publication] = []
    monkeypatch.setattr(publishing, "_follow", [lambda publication, at: heard.append(publication)])
    now.pass_by(2 * 3600)
    publish(now)
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.remote_id, row.remote_url) == ("accepted", "s0", "https://square.example.org/0")
    out: Any = square.taken[0]
    assert (out.key, out.at, out.link, out.tags, out.language, out.title) == (
        row.key, row.begun_at, "https://acme.example/", ("bikes",), "en", "Wheels"
    )  # fmt: skip
    assert len(square.taken) == 1 and [one.pk for one in heard] == [row.pk]
    assert row.digest == digest_of(variant) and row.begun_at == now()
    look(now)
    row.refresh_from_db()
    assert row.seen_at is not None and square.looks == 1
    assert {"plan", "accept_publication"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_what_is_late_beyond_its_grace_is_missed_and_told(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    row = planned()
    now.pass_by(60 * 60 + 1)
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.owner, square.taken) == ("missed", creating.rosa, [])
    assert list(Publication.objects.before_a_person()) == [row]
    [mail] = Mail.objects.filter(kind="publication")
    assert mail.member == creating.rosa and "Not published" in mail.subject
    publish(now)
    assert not square.taken and Mail.objects.filter(kind="publication").count() == 1
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.put_before_person_at, len(square.taken)) == ("accepted", None, 1)


def test_what_is_late_within_its_grace_goes_out(planned: Any, square: Square, now: Time) -> None:
    planned()
    now.pass_by(59 * 60)
    publish(now)
    assert len(square.taken) == 1


def test_what_is_put_off_beyond_its_grace_is_missed(planned: Any, square: Square, now: Time) -> None:
    square.before = raising(RateLimited("Too many posts.", wait=3000))
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem) == ("ready", "Too many posts.")
    assert look_after(now) == 0
    now.pass_by(3601)
    assert look_after(now) == 1
    row.refresh_from_db()
    assert row.state == "missed" and "Too many posts." in row.problem


def test_a_lost_answer_is_looked_for_and_never_repeated(planned: Any, square: Square, now: Time) -> None:
    square.after = LOST
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert row.state == "unknown"
    now.pass_by(10_000)
    publish(now)
    assert len(square.taken) == 1
    look(now)
    row.refresh_from_db()
    assert (row.state, row.remote_id, len(square.taken)) == ("accepted", "s0", 1)
    assert [one.outcome for one in row.deliveries.all()] == ["unknown", "found"]


def test_a_person_decides_about_what_is_not_found(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    square.before = LOST
    row = planned()
    publish(now)
    first = Publication.objects.get().begun_at
    with pytest.raises(Refusal, match="still looking"):
        settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    look(now, times=2)
    square.before = lambda out: None
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    out: Any = square.taken[0]
    assert (row.state, out.key, out.at) == ("accepted", row.key, first), "the same again, its date included"


def test_what_is_refused_waits_for_a_person(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    square.before = raising(Refused("The square does not want this."))
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem, row.owner) == ("refused", "The square does not want this.", creating.rosa)
    now.pass_by(3600)
    assert remind(at=now()) == 1 and remind(at=now()) == 0
    reassign_publication(row, to=creating.rui, by=creating.carla, at=now())
    with pytest.raises(ValidationError):
        reassign_publication(row, to=creating.gita, by=creating.carla, at=now())
    square.before = lambda out: None
    due = now() + timedelta(days=1)
    replan(row, on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    now.pass_by(24 * 3600)
    publish(now)
    row.refresh_from_db()
    assert (row.state, len(square.taken)) == ("accepted", 1)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "square.example.org"])
def test_a_person_says_where_it_stands(creating: Cast, planned: Any, square: Square, now: Time, url: str) -> None:
    square.before = raising(Refused("No."))
    row = planned()
    publish(now)
    with pytest.raises(ValidationError):
        settle_publication(row, decision="mark_as_sent", url=url, by=creating.rosa, at=now())
    settle_publication(row, decision="mark_as_sent", url="https://square.example.org/9", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert (row.state, row.remote_url) == ("accepted", "https://square.example.org/9")
    with pytest.raises(Refusal):
        settle_publication(row, decision="give_up", by=creating.rosa, at=now())


def test_a_stop_holds_it_back_until_a_person_lets_it_go(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    row = planned()
    stop = stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem, square.taken) == ("held", "Nothing goes out now: Fire", [])
    lift_stop(stop, by=creating.carla, at=now())
    publish(now)
    assert not square.taken
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    assert len(square.taken) == 1


def test_what_is_held_beyond_its_grace_is_missed(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    row = planned()
    stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    now.pass_by(3601)
    assert look_after(now) == 1
    row.refresh_from_db()
    assert row.state == "missed" and "Fire" in row.problem


def test_a_word_from_above_holds_it_back(
    creating: Cast, planned: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "_askers", [lambda department, at: "A surge is running."])
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.problem, square.taken) == ("held", "A surge is running.", [])
    assert row.owner is not None and row.put_before_person_at is not None
    monkeypatch.setattr(holding, "_askers", [])
    look_after(now)
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.put_before_person_at, len(square.taken)) == ("accepted", None, 1)


def test_a_surge_plan_holds_what_is_published_until_it_ends(
    creating: Cast, planned: Any, square: Square, now: Time
) -> None:
    acting = {"by": creating.carla, "at": now()}
    plan = plan_surge(creating.organization, title="Sale", holds_content=True, **acting)
    switch_surge_on(plan, **acting)
    row = planned()
    publish(now)
    row.refresh_from_db()
    assert row.state == "held" and not square.taken
    now.pass_by(60)
    assert look_after(now) == 1
    row.refresh_from_db()
    assert row.state == "held"
    switch_surge_off(plan, by=creating.carla, at=now())
    look_after(now)
    publish(now)
    assert len(square.taken) == 1


def test_nothing_is_posted_by_hand_into_a_crisis(creating: Cast, written: Any, now: Time) -> None:
    place = factories.channel(network="by-hand", handle="board")
    row = plan_now(written(channel=place), by=creating.rosa, at=now())
    stop = stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    publish(now)
    row.refresh_from_db()
    assert row.state == "held" and not Mail.objects.filter(kind="publication").exists()
    lift_stop(stop, by=creating.carla, at=now())
    look_after(now)
    row.refresh_from_db()
    assert row.state == "held", "what a stop has held goes only by a person's word"
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert row.state == "by_hand"


def test_what_was_refused_meets_a_stop_as_at_first(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    square.before = raising(Refused("Not so."))
    row = planned()
    publish(now)
    stop_sending(creating.organization, reason="Fire", by=creating.carla, at=now())
    square.before = lambda out: None
    settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("held", [])
    with pytest.raises(PermissionDenied):
        settle_publication(row, decision="send_again", by=creating.rosa, at=now())
    settle_publication(row, decision="send_again", by=creating.carla, at=now())
    publish(now)
    assert len(square.taken) == 1


def test_what_is_changed_while_it_goes_out_does_not_go_out_so(
    creating: Cast, planned: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = planned()
    deliver = publishing.PublicationsOut.send

    def changed_meanwhile(out: Any, access: Any, publication: Publication) -> Any:
        publication.variant.text = "Nobody has seen this."
        return deliver(out, access, publication)

    monkeypatch.setattr(publishing.PublicationsOut, "send", changed_meanwhile)
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("ready", []) and "changed" in row.problem
    monkeypatch.undo()
    now.pass_by(61)
    publish(now)
    assert len(square.taken) == 1


def test_words_that_were_changed_are_checked_as_when_they_were_planned(
    creating: Cast, written: Any, square: Square, now: Time
) -> None:
    variant = written()
    due = now() + timedelta(hours=2)
    row = plan(variant, on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    edit_variant(variant, text="", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert (row.state, row.problem) == ("waiting", "There is nothing to read yet.")
    edit_variant(variant, text="Now there is.", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert row.state == "ready"


@pytest.mark.parametrize("day", [date.max, date.min])
def test_no_calendar_shows_such_a_day(creating: Cast, written: Any, now: Time, day: date) -> None:
    for zone in ("Pacific/Honolulu", "Pacific/Auckland"):
        with pytest.raises(ValidationError, match="between 1971 and 2198"):
            plan(written(), on_day=day, at_time=time(23, 59), zone=zone, by=creating.rosa, at=now())


def test_what_waits_for_a_yes_is_asked_again(
    creating: Cast, planned: Any, square: Square, now: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons = ["Nobody has reviewed it."]
    monkeypatch.setattr(gate, "_askers", [lambda publication, at: "".join(reasons)])
    row = planned()
    assert (row.state, row.problem) == ("waiting", "Nobody has reviewed it.")
    publish(now)
    assert not square.taken
    reasons.clear()
    edit_piece(row.variant.piece, body="Reviewed.", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert row.state == "ready"
    reasons.append("It was edited since.")
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("waiting", []), "asked once more in the transaction that begins"
    reasons.clear()
    assert look_after(now) == 1
    publish(now)
    assert len(square.taken) == 1


def test_what_nobody_has_reviewed_does_not_go_out(creating: Cast, planned: Any, square: Square, now: Time) -> None:
    row = planned()
    ReviewPolicy.objects.all().delete()
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("waiting", []) and "review" in row.problem


@pytest.mark.parametrize("lost", ["position", "channel", "level", "piece", "variant"])
def test_what_may_no_more_go_out_does_not(creating: Cast, planned: Any, square: Square, now: Time, lost: str) -> None:
    row = planned()
    match lost:
        case "position":
            Position.objects.filter(member=creating.rosa).delete()
        case "channel":
            Channel.objects.update(is_active=False)
        case "level":
            creating.organization.level = Level.RESPONSIVE
            creating.organization.save()
        case "piece":
            Piece.objects.update(state="dropped")
        case _:
            type(row.variant).objects.update(is_dropped=True)
    publish(now)
    row.refresh_from_db()
    assert (row.state, square.taken) == ("refused", []) and row.problem and row.put_before_person_at


def test_by_hand_it_waits_for_whoever_posts_it(creating: Cast, written: Any, now: Time) -> None:
    channel = factories.channel(network="by-hand", handle="by hand", name="The window")
    row = plan_now(written(channel=channel), by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert (row.state, row.owner) == ("by_hand", creating.rosa)
    assert "Post this by hand" in Mail.objects.get(kind="publication").subject
    now.pass_by(3600)
    assert remind(at=now()) == 1
    settle_publication(row, decision="mark_as_sent", by=creating.rosa, at=now())
    row.refresh_from_db()
    assert row.state == "accepted"


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


def test_a_piece_appears_on_the_practice_field_once(creating: Cast, written: Any, now: Time) -> None:
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    channel = factories.channel(handle="acme", account_id=str(ours.pk))
    row = plan_now(written("Saturday, ten o'clock.", channel=channel), by=creating.rosa, at=now())
    publish(now)
    look(now)
    row.refresh_from_db()
    posted = PracticePost.objects.get()
    assert (posted.text, row.remote_id) == ("Saturday, ten o'clock.", str(posted.pk)) and row.seen_at


def test_it_is_planned_once_and_not_for_the_past(creating: Cast, written: Any, now: Time) -> None:
    variant = written()
    row = plan_now(variant, by=creating.rosa, at=now())
    with pytest.raises(Refusal, match="planned already"):
        plan_now(variant, by=creating.rosa, at=now())
    with pytest.raises(Refusal, match="passed"):
        replan(row, on_day=date(2020, 1, 1), at_time=time(9), zone="UTC", by=creating.rosa, at=now())
    with pytest.raises(ValidationError):
        replan(row, on_day=date(2099, 1, 1), at_time=time(9), zone="Nowhere", by=creating.rosa, at=now())
    unplan(row, by=creating.rosa, at=now())
    publish(now)
    row.refresh_from_db()
    assert row.state == "cancelled"
    with pytest.raises(Refusal):
        unplan(row, by=creating.rosa, at=now())
    assert plan_now(variant, by=creating.rosa, at=now()).state == "ready"


def test_only_those_who_publish_plan_and_settle(creating: Cast, planned: Any, written: Any, now: Time) -> None:
    row = planned()
    for member in (creating.gita, creating.bodo, creating.elif_, creating.olga):
        with pytest.raises(PermissionDenied):
            plan_now(written(), by=member, at=now())
        with pytest.raises(PermissionDenied):
            unplan(row, by=member, at=now())
        with pytest.raises(PermissionDenied):
            settle_publication(row, decision="give_up", by=member, at=now())


# Berlin puts its clocks forward at 2:00 on 29 March and back at 3:00 on 25 October; Lord Howe's move by half an hour.
@pytest.mark.parametrize(
    ("day", "clock", "zone", "due"),
    [
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-03-29", "03:30", "Europe/Berlin", "2026-03-29T01:30"),
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-10-25", "03:30", "Europe/Berlin", "2026-10-25T02:30"),
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),
        ("2026-06-01", "09:00", "Asia/Kolkata", "2026-06-01T03:30"),
        ("2026-06-01", "09:00", "Asia/Kathmandu", "2026-06-01T03:15"),
    ],
)
def test_it_is_due_as_the_clock_there_shows_it(
    creating: Cast, written: Any, square: Square, now: Time, day: str, clock: str, zone: str, due: str
) -> None:
    moment = datetime.fromisoformat(due).replace(tzinfo=UTC)
    now.at = moment - timedelta(days=1)
    row = plan(
        written(), on_day=date.fromisoformat(day), at_time=time.fromisoformat(clock), zone=zone,
        by=creating.rosa, at=now(),
    )  # fmt: skip
    assert row.due_at == moment
    now.at = moment - timedelta(seconds=1)
    publish(now)
    assert not square.taken
    now.at = moment
    publish(now)
    assert len(square.taken) == 1


def test_a_zone_that_changed_its_clocks_moves_what_is_to_come(creating: Cast, written: Any, now: Time) -> None:
    due = (now() + timedelta(days=9)).replace(second=0, microsecond=0)
    row = plan(written(), on_day=due.date(), at_time=due.time(), zone="UTC", by=creating.rosa, at=now())
    # As it was reckoned when the zone still had other clocks.
    Publication.objects.update(due_at=due - timedelta(hours=1), next_attempt_at=due - timedelta(hours=1))
    assert (reckon_due_times(at=now()), reckon_due_times(at=now())) == (1, 0)
    row.refresh_from_db()
    assert (row.due_at, row.next_attempt_at) == (due, due)
