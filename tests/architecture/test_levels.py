"""What a level has not opened is locked: every page, every route of the API, every action, every worker, by one rule.

The tests find pages, routes and actions themselves; what workers do by themselves stands in a table of its own.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction

from engagement.actions import replies
from engagement.actions.rules import add_rule
from engagement.actions.targets import add_target
from engagement.growing import ask_again_next
from engagement.models import Assignment, ResponseTarget
from engagement.routing import route
from listening.actions import bulk, mentions, stories
from listening.filtering import StreamFilter
from listening.models import Mention
from listening.signals import mentions_captured
from listening.triage import Triage
from maturity.actions.openings import open_early
from maturity.actions.surges import look_after_surges, plan_surge, switch_surge_off, switch_surge_on
from roles import clock
from roles.levels import BRINGS, OPENED_BY
from roles.models import Department, Level
from roles.permissions import NotAllowed, decide
from roles.tenancy import acting_for
from tests import factories
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.architecture.test_who_may_come_in import api_routes
from tests.architecture.test_who_may_come_in import at as address_at
from tests.cast import Cast

APPS = ("roles", "listening", "engagement", "content", "measurement", "maturity")
PART = {"HX-Request": "true"}
# What it is, at which level it opens, who stands where; and the way to what is missing.
WHAT_OPENS = r"“[^”<>]+” opens at “Responsive”; [^<>]+ stands at “Passive”\. A coach can .{,400}What is missing"
TEXT = "Acme calls back four thousand kettles because the handle may come off while the water boils"


def locked(level: Level) -> set[str]:
    """What a level does not open."""
    return {capability for capability, needed in OPENED_BY.items() if needed.rank > level.rank}


def actions() -> Iterator[Callable[..., Any]]:
    """Every action that a capability guards."""
    for app in APPS:
        where = import_module(f"{app}.actions")
        names = [f"{app}.actions.{one.name}" for one in pkgutil.iter_modules(getattr(where, "__path__", []))]
        for module in (import_module(name) for name in (f"{app}.actions", *names)):
            yield from (one for one in vars(module).values() if isinstance(getattr(one, "capability", None), str))


def at_level(acme: Cast, level: Level) -> None:
    acme.organization.level = level
    acme.organization.save(update_fields=["level"])


def test_what_brings_something_with_it_is_not_opened_before_it() -> None:
    for capability, brought in BRINGS.items():
        assert all(OPENED_BY[one].rank <= OPENED_BY[capability].rank for one in brought), capability


def test_everything_that_a_level_opens_has_an_action() -> None:
    assert OPENED_BY.keys() <= {action.capability for action in actions()}  # type: ignore[attr-defined]


@pytest.mark.parametrize("level", [Level.PASSIVE, Level.RESPONSIVE, Level.ENGAGING])
def test_every_action_is_refused_below_its_level(acme: Cast, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    # What was written is kept when it is refused; here nothing was.
    monkeypatch.setattr(replies, "save_draft", lambda *_about, **_said: None)
    at_level(acme, level)
    care = Department.objects.get(pk=acme.care.pk)
    for action in actions():
        capability = action.capability  # type: ignore[attr-defined]
        for subject in (acme.organization, care):
            refusal = decide(acme.carla, capability, subject)
            assert bool(refusal.url) is (capability in locked(level)), (capability, subject)
            if capability in locked(level):
                with pytest.raises(NotAllowed) as problem:
                    action(subject, by=acme.carla, at=clock.now())
                assert f"#{OPENED_BY[capability].value}" in problem.value.url


@pytest.mark.parametrize("level", [Level.PASSIVE, Level.RESPONSIVE])
def test_every_page_and_route_is_locked_below_its_level(cast: Cast, sign_in: Any, api: Any, level: Level) -> None:
    with acting_for(cast.organization):
        key = one_of_each(cast)
        at_level(cast, level)
    client, program, tried = sign_in(cast.carla), api(cast.carla), set()
    for route_ in pages():
        if route_.capability in locked(level):
            path = f"/o/acme{route_.filled(key)}"
            statuses = {getattr(client, method)(path, headers=PART).status_code for method in ("get", "post")}
            assert statuses <= {403, 405} and 403 in statuses, route_
            tried.add(route_.capability)
    for address, method, viewset, action in api_routes():
        if viewset.capabilities[action] in locked(level):
            answer = getattr(program, method)(address_at(address, key), {})
            assert answer.status_code == 403 and "/playbook/" in answer.json()["missing"], address
            tried.add(viewset.capabilities[action])
    assert tried == locked(level), "a page or a route for each"


# What workers and other people's doings would bring about in a department: what there is to see of it before and after.
Doing = Callable[[Cast, datetime], Any]


def by_a_rule(acme: Cast, at: datetime) -> Any:
    add_rule(acme.care, name="All", by=None, at=at)
    with transaction.atomic():
        route([factories.mention(at=at)], at=at)


def by_a_grown_story(acme: Cast, at: datetime) -> Any:
    often = {"all": [{"field": "story_size", "operator": "at_least", "value": 3}]}
    add_rule(acme.care, name="Often", condition=often, by=None, at=at)
    told = [factories.mention(f"RT @someone{n}: {TEXT} https://t.co/{n}", at=at) for n in range(3)]
    mentions_captured.send(Mention, mentions=told, at=at)
    stories.fold_due(at=at)
    while ask_again_next(at=at):
        pass


def by_a_story_that_is_followed(acme: Cast, at: datetime) -> Any:
    told = [factories.mention(f"RT @someone{n}: {TEXT} https://t.co/{n}", at=at) for n in range(2)]
    stories.fold_due(at=at)
    story = Mention.objects.get(pk=told[0].pk).story
    assert story is not None
    story.follow_state, story.follow_department = Mention.State.ROUTED, acme.care
    story.save()
    factories.mention(f"RT @late: {TEXT} https://t.co/9", at=at)
    stories.fold_due(at=at)


def by_a_decision_about_many(acme: Cast, at: datetime) -> Any:
    factories.mention(at=at)
    level = acme.organization.level
    at_level(acme, Level.RESPONSIVE)
    row = bulk.decide_all(Triage("route_to", to=acme.care), wanted=StreamFilter(), by=acme.gita, at=at)
    at_level(acme, Level(level))
    while bulk.go_on(row.pk, at=at):
        pass


WORKERS: dict[str, Doing] = {
    "a rule": by_a_rule,
    "a story that has grown": by_a_grown_story,
    "later arrivals of a story": by_a_story_that_is_followed,
    "a decision about many": by_a_decision_about_many,
}


@pytest.mark.parametrize("name", WORKERS)
def test_no_worker_gives_out_what_no_level_has_opened(acme: Cast, name: str) -> None:
    at = clock.now()
    at_level(acme, Level.PASSIVE)
    WORKERS[name](acme, at)
    assert not Assignment.objects.exists()
    assert set(Mention.objects.values_list("state", flat=True)) == {"untriaged"}, "it waits in the stream"


@pytest.mark.parametrize("name", WORKERS)
def test_what_a_coach_opened_early_is_given_out(acme: Cast, name: str) -> None:
    at = clock.now()
    at_level(acme, Level.PASSIVE)
    open_early(acme.care, capability="engagement.reply", reason="We try it", by=acme.carla, at=at)
    WORKERS[name](acme, at)
    assert Assignment.objects.exists()


def test_topics_are_given_before_anything_is_given_out(acme: Cast) -> None:
    at, kettles = clock.now(), factories.topic("Kettles")
    at_level(acme, Level.PASSIVE)
    add_rule(acme.care, name="All", topic=kettles, by=None, at=at)
    row = factories.mention(at=at)
    with transaction.atomic():
        route([row], at=at)
    row.refresh_from_db()
    assert (row.topic, row.state) == (kettles, "untriaged")


def test_a_surge_promises_nothing_before_its_level(acme: Cast) -> None:
    at = clock.now()
    at_level(acme, Level.PASSIVE)
    plan = plan_surge(acme.care, title="Sale", first_response_minutes=30, by=acme.carla, at=at)
    switch_surge_on(plan, by=acme.carla, at=at)
    assert not ResponseTarget.objects.exists()
    assert look_after_surges(at=at) == 0 and not ResponseTarget.objects.exists()
    at_level(acme, Level.RESPONSIVE)
    for _twice in range(2):
        look_after_surges(at=at + timedelta(minutes=1))
    assert ResponseTarget.objects.get().first_response_minutes == 30
    switch_surge_off(plan, by=acme.carla, at=at + timedelta(minutes=2))
    assert not ResponseTarget.objects.exists()


def test_it_is_said_where_one_works(acme: Cast, sign_in: Any, api: Any) -> None:
    at, gita = clock.now(), sign_in(acme.gita)
    add_rule(acme.care, name="All", by=None, at=at)
    add_target(acme.organization, name="Soon", first_response_minutes=60, is_default=True, by=None, at=at)
    told = [factories.mention(f"RT @someone{n}: {TEXT} https://t.co/{n}", at=at) for n in range(2)]
    stories.fold_due(at=at)
    story = Mention.objects.get(pk=told[0].pk).story
    assert story is not None

    def says(client: Any, path: str) -> bool:
        text = client.get(f"/o/acme{path}").content.decode()
        return re.search(WHAT_OPENS, text, re.DOTALL) is not None

    places = (("/stream/", gita), ("/rules/", gita), (f"/stories/{story.pk}/", gita),
              ("/queue/", sign_in(acme.rosa)), ("/targets/", sign_in(acme.carla)))  # fmt: skip
    assert [path for path, client in places if says(client, path)] == []
    at_level(acme, Level.PASSIVE)
    assert [path for path, client in places if not says(client, path)] == []
    mention = factories.mention(at=at)
    send = {"do": f"route_to:{acme.care.pk}", "mention": mention.pk}
    assert gita.post("/o/acme/stream/decide/", send, headers=PART).status_code == 403
    whole = gita.post(f"/o/acme/stories/{story.pk}/route/", {"department": acme.care.pk})
    assert whole.status_code == 403 and "/o/acme/playbook/departments/" in whole.content.decode()
    answer = api(acme.gita).post(f"/api/v1/mentions/{mention.pk}/route/", {"department": acme.care.pk})
    assert answer.status_code == 403 and answer.json()["missing"].endswith("#responsive")
    with pytest.raises(NotAllowed):
        mentions.route_to(mention, department=acme.care, by=acme.gita, at=at)
