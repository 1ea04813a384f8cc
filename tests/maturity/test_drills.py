"""Drills: what is said when, what became of each line, what it comes to, and who may see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.models import Reply
from listening.models import Channel, Mention, PracticeAccount, PracticePost, Source
from listening.polling import poll_due
from listening.practice_field.actions import post
from maturity.actions.drills import (
    drop_drill,
    judge_answer,
    play_drills,
    repeat_drill,
    start_drill,
    stop_drill,
    write_drill,
)
from maturity.drilling import by_person, fates, score_of
from maturity.models import Drill
from maturity.tasks import play_drills as task
from roles import clock
from roles.models import AuditEntry, Department, Organization
from tests.cast import Cast
from tests.maturity.played import answer, found, played


@pytest.fixture
def at() -> datetime:
    return clock.now()


def said(drill: Drill) -> list[str]:
    posts = PracticePost.objects.filter(key__startswith=f"drill {drill.pk} ")
    return list(posts.order_by("pk").values_list("text", flat=True))


def test_lines_are_said_one_by_one_and_the_last_has_its_time(acme: Cast, at: datetime) -> None:
    drill = write_drill(
        acme.organization, title="Morning", questions=["@{us} one?", " ", "@{us} two?", "@{us} {three}?"],
        passing=["Coffee"], seconds_between=60, minutes=5, by=acme.carla, at=at,
    )  # fmt: skip
    assert [line.text for line in drill.lines.all()] == ["@{us} one?", "@{us} two?", "Coffee", "@{us} {three}?"]
    start_drill(drill, by=acme.carla, at=at)
    assert start_drill(drill, by=acme.carla, at=at).started_at == at
    assert said(drill) == ["@acme one?"]
    assert play_drills(at=at + timedelta(seconds=59)) == 0
    # A house that stood still says one line, not all that it missed.
    assert play_drills(at=at + timedelta(minutes=30)) == 1 and len(said(drill)) == 2
    for minutes in (31, 32):
        assert play_drills(at=at + timedelta(minutes=minutes)) == 1
    assert said(drill)[2:] == ["Coffee", "@acme {three}?"]
    assert play_drills(at=at + timedelta(minutes=36)) == 0
    assert play_drills(at=at + timedelta(minutes=37)) == 1
    drill.refresh_from_db()
    assert drill.is_over and drill.ended_at == at + timedelta(minutes=37)
    verbs = AuditEntry.objects.filter(subject_kind="drill").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["write_drill", "start_drill", "stop_drill"]


def test_the_field_is_opened_once_and_what_is_said_there_is_heard(acme: Cast, at: datetime) -> None:
    for number in range(2):
        drill = write_drill(acme.organization, title=f"{number}", questions=["@{us} one?"], by=acme.carla, at=at)
        start_drill(drill, by=acme.carla, at=at)
    counts = (PracticeAccount.objects.filter(is_ours=True), Channel.objects, Source.objects.filter(network="practice"))
    assert [rows.count() for rows in counts] == [1, 1, 1]
    poll_due(at)
    assert Mention.objects.filter(post__text="@acme one?").count() == 2
    assert [fate.is_found for fate in fates([drill])[drill.pk]] == [True]
    Source.objects.update(state="paused")
    again = repeat_drill(drill, seconds_between=10, by=acme.carla, at=at)
    assert (again.seconds_between, [line.text for line in again.lines.all()]) == (10, ["@{us} one?"])
    with pytest.raises(ValidationError, match="Nobody listens"):
        start_drill(again, by=acme.carla, at=at)


def test_a_name_that_is_taken_on_the_field_is_nobodys_twice(acme: Cast, at: datetime, sign_in: Any) -> None:
    acme.organization.slug = "ottokar"
    acme.organization.save()
    client = sign_in(acme.carla)
    assert client.post("/o/ottokar/practice/open/").status_code == 302
    ours = PracticeAccount.objects.get(is_ours=True)
    assert ours.handle == "ottokar_2"
    Channel.objects.update(is_active=False)
    Source.objects.all().delete()
    said = client.post("/o/ottokar/practice/open/", follow=True).content.decode()
    assert "@ottokar_2, is switched off" in said and not Source.objects.exists()
    drill = write_drill(acme.organization, title="T", questions=["one?"], by=acme.carla, at=at)
    with pytest.raises(ValidationError, match="switched off"):
        start_drill(drill, by=acme.carla, at=at)
    empty = post(ours, text="Hello", by=None, at=at)
    assert client.post(f"/o/ottokar/practice/{empty.pk}/edit/", {"text": " "}).status_code in {302, 422}


def test_it_is_scored_by_hand_the_same(acme: Cast, at: datetime) -> None:
    drill, lines = played(acme, [acme.rosa, acme.rosa, acme.rui, acme.rui, None], at=at, passing=["Coffee"])
    questions = [line for line in lines if line.wants_answer]
    # Answered late, answered twice, routed only, and something answered that wanted nothing.
    rows = {fate.line.pk: fate.assignment for fate in fates([drill])[drill.pk]}
    late, twice = rows[questions[1].pk], rows[questions[3].pk]
    assert late is not None and twice is not None
    late.replies.update(accepted_at=at + timedelta(hours=1))
    answer(twice, by=acme.rosa, at=at + timedelta(minutes=9))
    found(questions[4], acme, None)
    [coffee] = [line for line in lines if not line.wants_answer]
    answer(found(coffee, acme, acme.rui), by=acme.rui, at=at + timedelta(minutes=2))
    for line, is_kept in zip(questions[:3], (True, True, False), strict=True):
        judge_answer(drill, line=line, is_kept=is_kept, by=acme.carla, at=at)
    score = score_of(fates([drill])[drill.pk])
    assert (score.asked, score.found, score.routed, score.answered, score.in_time) == (5, 5, 5, 4, 3)
    assert (score.twice, score.kept, score.unjudged, score.needless) == (1, 2, 1, 1)
    assert (score.good, score.share, score.is_passed) == (1, 0.2, False)
    people = {str(member): (theirs.good, theirs.asked) for member, theirs in by_person(fates([drill])[drill.pk])}
    assert people == {"Rosa": (1, 2), "Rui": (0, 2)}
    judge_answer(drill, line=questions[3], is_kept=True, by=acme.carla, at=at)
    judge_answer(drill, line=questions[2], is_kept=None, by=acme.carla, at=at)
    assert score_of(fates([drill])[drill.pk]).unjudged == 1


def test_what_comes_after_the_end_or_from_a_program_does_not_count(acme: Cast, at: datetime) -> None:
    drill, _lines = played(acme, [acme.rosa, acme.rosa, acme.rosa], at=at)
    stopped = at + timedelta(hours=3)
    Drill.objects.filter(pk=drill.pk).update(ended_at=stopped, state=Drill.State.OVER)
    drill.refresh_from_db()
    replies = list(Reply.objects.order_by("pk"))
    Reply.objects.filter(pk=replies[0].pk).update(accepted_at=stopped + timedelta(minutes=1))
    Reply.objects.filter(pk=replies[1].pk).update(is_automatic=True)
    assert score_of(fates([drill])[drill.pk]).answered == 1


def test_what_is_sensible(acme: Cast, at: datetime) -> None:
    for wrong in ({"questions": []}, {"questions": ["x" * 501]}, {"questions": ["x"] * 61}, {"title": " "},
                  {"minutes": 0}, {"seconds_between": 7}):  # fmt: skip
        with pytest.raises(ValidationError):
            write_drill(
                acme.organization,
                **{"title": "T", "questions": ["q"], **wrong},
                by=acme.carla,
                at=at,  # type: ignore[arg-type]
            )
    drill = write_drill(acme.organization, title="T", questions=["q"], by=acme.carla, at=at)
    with pytest.raises(PermissionDenied):
        start_drill(drill, by=acme.rosa, at=at)
    with pytest.raises(ValidationError, match="not said"):
        judge_answer(drill, line=drill.lines.get(), is_kept=True, by=acme.carla, at=at)
    start_drill(drill, by=acme.carla, at=at)
    with pytest.raises(ValidationError, match="started"):
        drop_drill(drill, by=acme.carla, at=at)
    stop_drill(drill, by=acme.carla, at=at)
    task()
    other = write_drill(acme.organization, title="T", questions=["q"], by=acme.carla, at=at)
    drop_drill(other, by=acme.carla, at=at)
    assert Drill.objects.count() == 1


def test_the_pages(acme: Cast, sign_in: Any) -> None:
    coach = sign_in(acme.carla)
    assert "A busy morning" in coach.get("/o/acme/drills/write/").content.decode()
    fields = {"title": "<b>T</b>", "questions": "@{us} one?\n@{us} two?", "passing": "", "seconds_between": "30"}
    assert coach.post("/o/acme/drills/write/", fields | {"minutes": "0"}).status_code == 422
    assert coach.post("/o/acme/drills/write/", fields | {"minutes": "10"}).status_code == 302
    drill = Drill.objects.get()
    ada = PracticeAccount.objects.create(handle="ada", name="Ada")
    for text in ("Does it <i>fold</i>?", "Does it <i>fold</i>?"):
        post(ada, text=text, by=None, at=clock.now())
    recorded = coach.get("/o/acme/drills/write/?from=field").content.decode()
    assert recorded.count("Does it &lt;i&gt;fold") == 1 and "A busy morning" not in recorded
    here = f"/o/acme/drills/{drill.pk}/"
    assert "2 lines to come" in coach.get(here).content.decode()
    assert sign_in(acme.rosa).get(here).status_code == 403
    assert coach.post(f"{here}start/").status_code == 302
    line = drill.lines.all()[0]
    answer(found(line, acme, acme.rosa), by=acme.rosa, at=clock.now())
    text = coach.get(here).content.decode()
    assert 'data-live="drills queue practice"' in text
    assert "1 line to come" in text and "As the guidelines say" in text and "<b>T" not in text
    assert coach.post(f"{here}lines/{line.pk}/judge/", {"judged": "kept"}).status_code == 302
    assert coach.post(f"{here}lines/{line.pk}/judge/", {"judged": "x"}).status_code == 302
    assert coach.post(f"{here}stop/").status_code == 302
    assert "1 of 1 in time" in coach.get("/o/acme/drills/").content.decode()
    assert 'data-live="drills"' in coach.get(here).content.decode(), "the queue goes on, and the drill is over"
    refused = coach.post(f"{here}repeat/", {"seconds_between": "7"})
    assert refused.status_code == 422 and "7 is not one of the available choices" in refused.content.decode()
    assert coach.post(f"{here}repeat/", {"seconds_between": "10"}).status_code == 302
    assert coach.post(f"/o/acme/drills/{Drill.objects.latest('pk').pk}/drop/").status_code == 302


def test_the_list_asks_as_much_for_one_as_for_twenty(acme: Cast, at: datetime, sign_in: Any) -> None:
    client, counts = sign_in(acme.carla), []
    for more in (1, 19):
        for _number in range(more):
            played(acme, [acme.rosa], at=at)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/o/acme/drills/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_where_no_level_gives_anybody_the_questions_it_says_so(
    acme: Cast, at: datetime, sign_in: Any, api: Any
) -> None:
    coach, program = sign_in(acme.carla), api(acme.carla)
    drill = write_drill(acme.organization, title="T", questions=["@{us} one?"], by=acme.carla, at=at)
    here, score = f"/o/acme/drills/{drill.pk}/", f"/api/v1/drills/{drill.pk}/score/"
    assert "Nobody is given these questions" not in coach.get(here).content.decode()
    Organization.objects.update(level="passive")
    text = coach.get(here).content.decode()
    assert "Nobody is given these questions" in text and "/playbook/#responsive" in text
    assert "Responsive" in program.get(score).json()["comes_to_nobody"]
    Department.objects.filter(pk=acme.press.pk).update(level="responsive")
    assert "Nobody is given these questions" not in coach.get(here).content.decode(), "there somebody is"
    assert program.get(score).json()["comes_to_nobody"] == ""


def test_over_the_api(acme: Cast, api: Any) -> None:
    coach = api(acme.carla)
    made = coach.post("/api/v1/drills/", {"title": "T", "questions": ["@{us} one?"], "passing": ["x"]})
    assert made.status_code == 201, made.json()
    here = f"/api/v1/drills/{made.json()['id']}/"
    assert api(acme.rosa).get(here).status_code == 403
    assert coach.post(f"{here}start/").json()["state"] == "playing"
    line = Drill.objects.get().lines.all()[0]
    answer(found(line, acme, acme.rosa), by=acme.rosa, at=clock.now())
    assert coach.post(f"{here}judge-answer/", {"line": line.pk, "is_kept": True}).status_code == 200
    score = coach.get(f"{here}score/").json()
    assert (score["score"]["good"], score["people"][0]["member"], score["lines"][0]["answers"]) == (1, acme.rosa.pk, 1)
    assert coach.post(f"{here}stop/").json()["state"] == "over"
    again = coach.post(f"{here}repeat/", {"seconds_between": 10})
    assert again.status_code == 201
    assert coach.delete(f"/api/v1/drills/{again.json()['id']}/").status_code == 204
