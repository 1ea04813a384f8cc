"""What is reviewed, and by whom: everything from the first, relaxed by policies beside what reviews changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.actions.review_policies import (
    add_review_policy,
    change_review_policy,
    move_review_policy,
    remove_review_policy,
    set_review_base,
)
from content.actions.variants import edit_variant
from content.models import ReviewedVariant, ReviewPolicy
from content.punctuality import look_at_plans
from content.review_record import record_of
from content.review_rules import Rules, TimedStep, steps_of, still_to_ask
from content.reviewing import review_state, reviewed
from roles import clock
from roles.actions.handover import hand_over_everything
from roles.models import AuditEntry, Role
from tests import factories
from tests.cast import Cast, join
from tests.content.reviews import ask, no, yes

COACH = TimedStep(roles=(Role.COACH,))


def acting(member: Any) -> dict[str, Any]:
    return {"by": member, "at": clock.now()}


def policy(acme: Cast, *steps: TimedStep, **fields: Any) -> ReviewPolicy:
    return add_review_policy(
        acme.organization, name="Posts", steps=steps, **{"kind": "post", **fields}, **acting(acme.carla)
    )


def test_from_the_first_everything_is_seen_by_a_coach_within_a_day(acme: Cast) -> None:
    assert not ReviewPolicy.objects.exists()
    variant = factories.variant()
    (step,) = Rules().steps_for(variant)
    assert (step.roles, step.hours) == ((Role.COACH,), 24)
    assert review_state([variant]) == {variant.pk: "needed"}


def test_the_first_that_fits_counts(acme: Cast) -> None:
    topic, channel = factories.topic("Recall"), factories.channel()
    by_topic = factories.variant(factories.piece(topic=topic), channel=channel)
    by_channel = factories.variant(factories.piece(), channel=channel)
    by_author = factories.variant(factories.piece(author=acme.rui))
    article = factories.variant(factories.piece(kind="article"))
    legal = TimedStep(member_ids=(acme.bodo.pk,), hours=48)
    strict = policy(acme, COACH, legal, kind="", topic=topic)
    policy(acme, kind="", channel=channel, waives=True)
    policy(acme, TimedStep(roles=("responder",)), kind="", author=acme.rui)
    rules = Rules()
    assert [[step.who for step in rules.steps_for(one)] for one in (by_topic, by_channel, by_author, article)] == [
        [("any", ("coach",), ()), ("any", (), (acme.bodo.pk,))],
        [],
        [("any", ("responder",), ())],
        [("any", ("coach",), ())],
    ]
    assert review_state([by_channel, article]) == {by_channel.pk: "not_needed", article.pk: "needed"}
    move_review_policy(strict, up=False, **acting(acme.carla))
    assert Rules().steps_for(by_topic) == ()
    change_review_policy(ReviewPolicy.objects.get(channel=channel), steps=(), is_active=False, **acting(acme.carla))
    assert len(Rules().steps_for(by_topic)) == 2


def test_the_base_can_be_changed_and_never_switched_off(acme: Cast) -> None:
    base = set_review_base(acme.organization, steps=(TimedStep(roles=("booth",), hours=8),), **acting(acme.carla))
    variant = factories.variant()
    assert [(step.roles, step.hours) for step in Rules().steps_for(variant)] == [(("booth",), 8)]
    again = set_review_base(acme.organization, steps=(COACH,), **acting(acme.carla))
    assert again.pk == base.pk and steps_of(ReviewPolicy.objects.base())[0].roles == ("coach",)
    with pytest.raises(ValidationError, match="base"):
        remove_review_policy(base, **acting(acme.carla))
    with pytest.raises(ValidationError):
        set_review_base(acme.organization, steps=(), **acting(acme.carla))
    with pytest.raises(ValidationError, match="what it counts for"):
        policy(acme, kind="", waives=True)


def test_policies_name_somebody_who_can_review(acme: Cast) -> None:
    wrong = (
        (), (TimedStep(),), (TimedStep(roles=("executive",)),), (TimedStep(member_ids=(0,)),),
        (TimedStep(roles=("coach",), hours=0),),
    )  # fmt: skip
    for steps in wrong:
        with pytest.raises(ValidationError):
            policy(acme, *steps)
    with pytest.raises(ValidationError, match="both"):
        policy(acme, COACH, waives=True)
    with pytest.raises(PermissionDenied):
        add_review_policy(acme.organization, name="Mine", kind="post", waives=True, steps=(), **acting(acme.rosa))
    local = join("Cleo", Role.COACH, acme.care)
    with pytest.raises(PermissionDenied, match="whole organization"):
        add_review_policy(acme.organization, name="Mine", kind="post", waives=True, steps=(), **acting(local))


def test_the_record_says_what_reviews_changed(acme: Cast) -> None:
    at = clock.now() - timedelta(days=2)
    fine, better, back = (factories.variant(factories.piece(author=acme.rosa)) for _each in range(3))
    other = factories.variant(factories.piece(kind="article", author=acme.rosa))
    for one in (fine, other):
        yes(ask(one.piece, acme.rosa, at=at), acme.carla, at=at + timedelta(hours=2))
    ask(better.piece, acme.rosa, at=at)
    edit_variant(better, text="Softer.", by=acme.rosa, at=at + timedelta(hours=2))
    no(ask(back.piece, acme.rosa, at=at), acme.carla, at=at + timedelta(hours=2))
    posts = ReviewPolicy(kind="post")
    found = record_of(posts, at=clock.now())
    assert (found.reviews, found.changed, found.sent_back, found.hours) == (3, 1, 1, 2.0)
    # Sent back and come back as something else: that review changed something too.
    edit_variant(back, text="Rather this.", by=acme.rosa, at=at + timedelta(hours=3))
    ask(back.piece, acme.rosa, at=at + timedelta(hours=4))
    assert record_of(posts, at=clock.now()).changed == 2
    assert record_of(ReviewPolicy(is_base=True), at=clock.now()).reviews == 4
    assert record_of(posts, at=clock.now() + timedelta(days=91)).reviews == 0
    written = policy(acme, waives=True)
    assert written.record_then == {"reviews": 3, "changed": 2, "sent_back": 1, "hours": 2.0}
    entry = AuditEntry.objects.get(verb="add_review_policy")
    assert entry.after is not None and entry.after["record"]["changed"] == 2
    assert ReviewedVariant.objects.count() == 5


def test_the_pages_write_move_and_show_the_record(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)
    page = carla.get("/o/acme/content/review-policies/").content.decode()
    assert "any coach" in page and "Nothing of it was reviewed" in page
    fields = {"name": "Small things", "kind": "post", "waives": "on", "is_active": "on"}
    look = carla.post("/o/acme/content/review-policies/add/", {**fields, "look": "1"})
    assert look.status_code == 200 and not ReviewPolicy.objects.exists()
    record = "/o/acme/content/review-policies/record/"
    assert carla.get(record, {"kind": "post"}, headers={"HX-Request": "true"}).status_code == 200
    assert carla.get(record).headers["Location"] == "/o/acme/content/review-policies/", "a part is no page of its own"
    assert carla.get("/o/acme/content/review-policies/add/?kind=article").status_code == 200
    assert carla.post("/o/acme/content/review-policies/add/", {"name": "All", "waives": "on"}).status_code == 422
    assert carla.post("/o/acme/content/review-policies/add/", fields).status_code == 302
    more = {"name": "Films", "kind": "film", "is_active": "on", "roles_1": ["booth"], "needs_1": "all", "hours_1": "6"}
    assert carla.post("/o/acme/content/review-policies/add/", more).status_code == 302
    small, films = ReviewPolicy.objects.order_by("position")
    assert [(step.roles, step.needs, step.hours) for step in films.steps.all()] == [(["booth"], "all", 6)]
    assert carla.post(f"/o/acme/content/review-policies/{films.pk}/move/", {"where": "up"}).status_code == 302
    assert [row.name for row in ReviewPolicy.objects.in_order()] == ["Films", "Small things"]
    assert carla.get(f"/o/acme/content/review-policies/{films.pk}/change/").status_code == 200
    assert carla.post(f"/o/acme/content/review-policies/{small.pk}/remove/").status_code == 302
    assert carla.get("/o/acme/content/review-policies/base/").status_code == 200
    base = {"roles_1": ["coach", "booth"], "needs_1": "all", "hours_1": "12"}
    assert carla.post("/o/acme/content/review-policies/base/", base).status_code == 302
    assert "each of Coach, Booth stakeholder" in carla.get("/o/acme/content/review-policies/").content.decode()
    assert sign_in(acme.rosa).get("/o/acme/content/review-policies/").status_code == 403


def test_the_page_of_policies_costs_the_same_for_one_and_for_ten(acme: Cast, sign_in: Any) -> None:
    carla = sign_in(acme.carla)

    def count() -> int:
        carla.get("/o/acme/content/review-policies/")
        with CaptureQueriesContext(connection) as queries:
            carla.get("/o/acme/content/review-policies/")
        return len(queries)

    policy(acme, COACH, author=acme.rosa)
    one = count()
    for _each in range(9):
        policy(acme, COACH, author=acme.rosa)
    assert count() == one


def test_over_the_api(acme: Cast, api: Any) -> None:
    carla, rosa, url = api(acme.carla), api(acme.rosa), "/api/v1/review-policies/"
    made = carla.post(url, {"name": "Films", "kind": "film", "steps": [{"roles": ["booth"], "hours": 4}]})
    assert made.status_code == 201, made.json()
    key = made.json()["id"]
    assert rosa.post(url, {"name": "Mine", "kind": "film", "waives": True}).status_code == 403
    assert carla.post(url, {"name": "All", "waives": True}).status_code == 400
    changed = carla.patch(f"{url}{key}/", {"name": "All films"}).json()
    assert (changed["name"], changed["steps"][0]["hours"]) == ("All films", 4)
    assert carla.patch(f"{url}{key}/", {"waives": True}).json()["steps"] == []
    assert carla.get(f"{url}{key}/record/").json() == {"reviews": 0, "changed": 0, "sent_back": 0, "hours": None}
    assert carla.post(f"{url}{key}/move/", {"where": "up"}).status_code == 200
    assert carla.get(f"{url}base/").json()["steps"][0]["roles"] == ["coach"]
    assert carla.post(f"{url}base/", {"steps": [{"roles": ["booth"]}]}).json()["steps"][0]["roles"] == ["booth"]
    assert carla.delete(f"{url}{key}/").status_code == 204


BODY = {"needs": "any", "roles": [], "members": []}


@pytest.mark.parametrize(
    ("met", "step", "is_met"),
    [
        ([("any", ["coach"], [])], TimedStep(roles=("coach",)), True),
        ([("any", ["coach"], [])], TimedStep(roles=("coach", "booth")), True),
        ([("any", ["coach", "booth"], [])], TimedStep(roles=("coach",)), False),
        ([("all", ["coach", "booth"], [])], TimedStep(roles=("booth",)), True),
        ([("any", ["coach"], []), ("any", [], [7])], TimedStep(needs="all", roles=("coach",), member_ids=(7,)), True),
        ([("any", ["coach"], [7])], TimedStep(needs="all", roles=("coach",), member_ids=(7,)), False),
        ([], TimedStep(roles=("coach",)), False),
    ],
)
def test_a_yes_answers_whoever_surely_said_it(met: list[Any], step: TimedStep, is_met: bool) -> None:
    asked = [{"needs": needs, "roles": roles, "members": members} for needs, roles, members in met]
    assert still_to_ask([step], asked) == (() if is_met else (step,))


def test_what_was_approved_before_the_policy_asked_for_more_is_asked_that_too(acme: Cast) -> None:
    piece = factories.piece(author=acme.rosa)
    variant = factories.variant(piece)
    yes(ask(piece, acme.rosa), acme.carla)
    row = factories.publication(variant, state="ready")
    assert review_state([variant]) == {variant.pk: "approved"}
    legal = TimedStep(member_ids=(acme.bodo.pk,), hours=48)
    set_review_base(acme.organization, steps=(COACH, legal), **acting(acme.carla))
    look_at_plans(at=clock.now())
    row.refresh_from_db()
    assert review_state([variant]) == {variant.pk: "asks_more"}
    assert row.state == "waiting" and "asked for more" in row.problem
    # Only whoever was not asked then is asked now.
    review = ask(piece, acme.rosa)
    assert [step.policy_asks for step in review.steps.all()] == [BODY | {"members": [acme.bodo.pk]}]
    assert review_state([variant]) == {variant.pk: "waiting"}
    no(review, acme.bodo)
    assert review_state([variant]) == {variant.pk: "sent_back"}
    yes(ask(piece, acme.rosa), acme.bodo)
    row.refresh_from_db()
    assert review_state([variant]) == {variant.pk: "approved"} and row.state == "ready"
    # Fewer are asked, or whoever was named hands over: what was approved stays so.
    hand_over_everything(acme.bodo, to={"review_steps": acme.rui}, leaves=True, by=acme.olga, at=clock.now())
    assert [step.member_ids for step in Rules().steps_for(variant)] == [(), (acme.rui.pk,)]
    assert review_state([variant]) == {variant.pk: "approved"}
    edit_variant(variant, text="Other words", **acting(acme.rosa))
    variant.refresh_from_db()
    assert [step.who for step in reviewed([variant])[variant.pk].steps] == [COACH.who, ("any", (), (acme.rui.pk,))]
