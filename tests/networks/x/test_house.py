"""X in the house: a mention is heard, routed and answered, and what it costs is shown, counted and stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from engagement import outbox
from engagement.actions.approvals import add_policy
from engagement.mailing import approval_token
from engagement.models import Approval, Assignment, Reply, RoutingRule
from listening import polling
from listening.connections.money import charge_of
from listening.models import Connection, Mention, Post, RateLimit, Source
from listening.networks.limits import MONEY
from listening.networks.x import client
from listening.revisits.reading import revisit_due
from roles import clock
from roles.models import AuditEntry
from roles.steps import A_COACH
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.networks.running import running
from tests.networks.x.double import ADA, KEYS, Service

ADD = "/o/acme/connections/add/x/own_app/"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Service]:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    found = Service()
    with running(found.app()) as address:
        monkeypatch.setattr(client, "API", address)
        yield found


def connect(browser: Any, budget: str = "2") -> Connection:
    typed = {f"asked_{name}": value for name, value in KEYS.items()}
    answer = browser.post(ADD, typed | {"speaks": "on", "listens": "on", "budget": budget})
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.get()


def poll() -> None:
    Source.objects.update(next_poll_at=clock.now() - timedelta(seconds=1))
    with acting_for(None):
        polling.poll_due(clock.now())


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_heard_answered_and_followed_within_the_budget(acme: Cast, sign_in: Any, service: Service) -> None:
    coach, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    for path in ("/o/acme/connections/add/", ADD):
        assert "What each thing costs, at most" in words(coach.get(path)) and "$0.20" in words(coach.get(path))
    row = connect(coach)
    assert (row.budget, row.handle) == (2000, "acme")
    RoutingRule.objects.create(name="All", department=acme.care)
    said = service.say(ADA, "@acme the soup is cold")
    poll()
    mention = Mention.objects.get()
    assert (mention.channel, mention.post.author.name) == (row.channels.get(), "Ada")
    charge = charge_of(row, at=clock.now())
    assert charge is not None and charge.left_exactly == 2000 - 11 and charge.left == "$1.989"

    assignment = Assignment.objects.get()
    rosa.post(f"/o/acme/queue/{assignment.pk}/claim/")
    opened = words(rosa.get(f"/o/acme/queue/{assignment.pk}/"))
    assert "An answer costs up to $0.015, with a link $0.20; $1.989 is left for this month." in opened
    typed = {"text": "See acme.example/soup", "channel": row.channels.get().pk}
    looked = words(rosa.post(f"/o/acme/queue/{assignment.pk}/look-first/", typed))
    assert "It costs up to $0.20; $1.989 of $2.00 is left for this month." in looked
    rosa.post(f"/o/acme/queue/{assignment.pk}/reply/", typed | {"text": "We warm it up."})
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    sent = Reply.objects.get()
    assert sent.state == Reply.State.ACCEPTED and service.posts[sent.remote_id]["said"] == "We warm it up."
    charge = charge_of(row, at=clock.now())
    assert charge is not None and charge.left_exactly == 2000 - 11 - 15
    assert "$1.974 of $2.00 is left for this month." in words(coach.get(f"/o/acme/connections/{row.pk}/"))
    assert "$1.974 of $2.00" in words(coach.get("/o/acme/connections/limits/"))

    service.delete(said)
    with acting_for(None):
        revisit_due(now=lambda: clock.now() + timedelta(minutes=11))
    assert Post.objects.get(remote_id=said).withdrawn_at is not None


def test_the_price_stands_wherever_somebody_lets_something_cost(acme: Cast, sign_in: Any, service: Service) -> None:
    coach, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    row = connect(coach)
    for path in (f"/o/acme/sources/{Source.objects.get().pk}/", "/o/acme/sources/add/"):
        shown = words(coach.get(path))
        assert f"What is read through “{row}” costs money: $2.00 of $2.00 is left for this month." in shown
        assert "A mention that is read, with its author" in shown and "$0.011" in shown
    RoutingRule.objects.create(name="All", department=acme.care)
    add_policy(acme.organization, name="All", steps=(A_COACH,), by=acme.carla, at=clock.now())
    service.say(ADA, "@acme the soup is cold")
    poll()
    assignment = Assignment.objects.get()
    rosa.post(f"/o/acme/queue/{assignment.pk}/claim/")
    typed = {"text": "See acme.example/soup", "channel": row.channels.get().pk}
    rosa.post(f"/o/acme/queue/{assignment.pk}/reply/", typed)
    step = Approval.objects.get()
    for path in ("/o/acme/approvals/", f"/o/acme/approvals/{step.pk}/"):
        assert "It costs up to $0.20." in words(coach.get(path)), path
    made = Reply.objects.get()
    link = f"/approvals/by-link/{approval_token(step, acme.carla)}/"
    assert "It costs up to $0.20." in words(Client().get(link))
    for state, path in (("held", "/o/acme/stop/"), ("refused", f"/o/acme/deliveries/{made.pk}/")):
        Reply.objects.update(state=state, put_before_person_at=clock.now())
        assert "It costs up to $0.20." in words(coach.get(path)), path


def test_a_budget_stops_says_so_and_goes_on_when_it_is_raised(
    acme: Cast, sign_in: Any, api: Any, service: Service
) -> None:
    coach, rosa = sign_in(acme.carla), sign_in(acme.rosa)
    row = connect(coach, "0.08")
    RoutingRule.objects.create(name="All", department=acme.care)
    service.say(ADA, "@acme the soup is cold")
    poll()
    assignment = Assignment.objects.get()
    rosa.post(f"/o/acme/queue/{assignment.pk}/claim/")
    typed = {"text": "See https://acme.example/", "channel": row.channels.get().pk}
    refused = words(rosa.post(f"/o/acme/queue/{assignment.pk}/reply/", typed, follow=True))
    assert "This costs up to $0.20, and $0.069 of this month’s budget is left." in refused
    assert not Reply.objects.exists()
    poll()
    RateLimit.objects.filter(bucket=MONEY).update(remaining=20)
    asked = len(service.asked)
    service.say(ADA, "@acme and no spoon")
    poll()
    source = Source.objects.get()
    assert len(service.asked) == asked and "What may be spent here this month is used up." in source.problem
    assert source.next_poll_at > clock.now() + timedelta(hours=1)

    answer = coach.post(f"/o/acme/connections/{row.pk}/budget/", {"budget": "5"}, follow=True)
    assert "Saved." in words(answer)
    entry = AuditEntry.objects.get(verb="set_budget")
    assert (entry.before, entry.after) == ({"thousandths": 80}, {"thousandths": 5000})
    with acting_for(None):
        polling.poll_due(clock.now())
    assert Mention.objects.count() == 2
    told = api(acme.carla).get(f"/api/v1/connections/{row.pk}/").json()["charge"]
    assert told["most"] == "$5.00" and ["An answer", "$0.015"] in told["prices"]
    changed = api(acme.carla).post(f"/api/v1/connections/{row.pk}/budget/", {"budget": "0"}).json()
    assert changed["charge"]["left"] == "$0.00"
    for wrong in ("-1", "much", ""):
        coach.post(f"/o/acme/connections/{row.pk}/budget/", {"budget": wrong})
    row.refresh_from_db()
    assert row.budget == 0


def test_what_was_not_said_to_us_cannot_be_answered(acme: Cast, sign_in: Any, service: Service) -> None:
    connect(sign_in(acme.carla))
    about = factories.post(network="x", remote_id="1900000000000000001")
    row = factories.assignment(
        department=acme.care, member=acme.rosa, state="claimed", claimed_at=clock.now(),
        mention=factories.mention(post=about, department=acme.care, state="routed"),
    )  # fmt: skip
    page = words(sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/"))
    assert "on this network only those who speak to one may be answered" in page


def test_without_a_budget_nothing_is_spent(acme: Cast, api: Any, service: Service) -> None:
    said = {"network": "x", "way": "own_app", "filled": KEYS}
    made = api(acme.carla).post("/api/v1/connections/", said).json()
    asked = len(service.asked)
    poll()
    assert len(service.asked) == asked and made["charge"]["most"] == "$0.00"


@pytest.mark.parametrize(("who", "status"), [("gita", 403), ("sam", 404), ("olga", 302)])
def test_who_may_set_a_budget(acme: Cast, sign_in: Any, service: Service, who: str, status: int) -> None:
    row = connect(sign_in(acme.carla))
    client = sign_in(getattr(acme, who))
    assert client.post(f"/o/acme/connections/{row.pk}/budget/", {"budget": "1"}).status_code == status
    assert client.get(f"/o/acme/connections/{row.pk}/budget/").status_code in {404, 405}
