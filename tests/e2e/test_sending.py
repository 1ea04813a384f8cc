"""What goes out: a saved reply by one key, somebody else's yes, a delivery that failed, and the crisis stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engagement import outbox
from engagement.actions.approvals import add_policy
from engagement.actions.replies import reply
from engagement.actions.saved_replies import add_saved_reply, propose_saved_reply
from engagement.actions.stops import stop_sending
from engagement.models import Reply
from listening import networks
from listening.models import Author
from roles import clock
from roles.steps import A_COACH
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.engagement.doubles import Town, refuses

HELLO = "Hi {author|there}, the part leaves today and you get its number by mail. {me}"


@pytest.fixture
def town() -> Any:
    made = Town()
    networks._registered()[made.name] = made  # type: ignore[assignment]
    yield made
    del networks._registered()[made.name]


@pytest.fixture
def asked(stage: Cast, town: Town) -> Callable[..., Any]:
    """Somebody asks Rosa something in the town."""

    def ask(text: str) -> Any:
        at, number = clock.now(), Author.objects.count()
        author = Author.objects.create(network="town", remote_id=f"kim{number}", handle="kim", name="Kim")
        mention = factories.mention(post=factories.post(text, network="town", author=author), department=stage.care)
        return factories.assignment(
            department=stage.care, member=stage.rosa, state="claimed", claimed_at=at, mention=mention
        )

    return ask


def test_from_a_saved_reply_over_a_yes_to_the_network(
    stage: Cast, town: Town, asked: Callable[..., Any], visitor: Callable[..., Any]
) -> None:
    at = clock.now()
    with acting_for(stage.organization):
        factories.channel(network="town")
        acting: dict[str, Any] = {"by": stage.carla, "at": at}
        add_saved_reply(stage.organization, title="A part is on its way", text=HELLO, **acting)
        add_saved_reply(stage.organization, title="Opening hours", text="We are here from nine to five.", **acting)
        propose_saved_reply(stage.organization, title="Tyres", text="50 mm.", by=stage.rosa, at=at)
        add_policy(stage.organization, name="What care answers", department=stage.care, steps=[A_COACH], **acting)
        row = asked("Where is the part for my brake?")
    rosa, carla = visitor().signs_in(stage.rosa), visitor(width=390, dark=True).signs_in(stage.carla)
    rosa.goes_to(f"/queue/{row.pk}/")
    rosa.page.get_by_text("Somebody else sees this before it goes out").wait_for()
    rosa.page.keyboard.press("i")
    field = rosa.page.locator("#reply_text")
    assert field.input_value().startswith("Hi Kim, the part leaves today")
    rosa.shot("sending-composer")
    assert check_with_axe(rosa.page) == []
    field.press("Control+Enter")
    rosa.page.get_by_text("Your reply waits for approval.").wait_for()
    rosa.page.get_by_role("heading", name="Approval").wait_for()
    rosa.shot("sending-waits")
    assert check_with_axe(rosa.page) == []
    carla.goes_to("/approvals/")
    carla.page.locator(".answer", has_text="Hi Kim, the part leaves today").wait_for()
    assert check_with_axe(carla.page) == []
    carla.shot("sending-approvals-phone-dark")
    carla.page.get_by_role("button", name="Approve").first.click()
    carla.page.get_by_text("Approved.").wait_for()
    with acting_for(None):
        assert outbox.deliver_next(now=clock.now)
    assert town.texts[0].startswith("Hi Kim")
    with acting_for(stage.organization):
        made = Reply.objects.get()
        assert (made.state, made.saved_reply is not None, made.is_edited) == ("accepted", True, False)
    for name, path in (
        ("saved-replies", "/saved-replies/"), ("saved-reply-form", "/saved-replies/add/"),
        ("policies", "/approval-policies/"), ("policy-form", "/approval-policies/add/"), ("stop-empty", "/stop/"),
    ):  # fmt: skip
        carla.goes_to(path)
        assert check_with_axe(carla.page) == [], path
        carla.shot(f"sending-{name}-phone-dark")


def test_a_failed_delivery_and_a_crisis_stop_without_script(
    stage: Cast, town: Town, asked: Callable[..., Any], visitor: Callable[..., Any]
) -> None:
    with acting_for(stage.organization):
        factories.channel(network="town")
        first, second = asked("Is it open today?"), asked("And tomorrow?")
        town.before = refuses
        reply(first, text="It is open until five today.", by=stage.rosa, at=clock.now())
        with acting_for(None):
            outbox.deliver_next(now=clock.now)
        stop_sending(stage.organization, reason="An accident at the fair.", by=stage.carla, at=clock.now())
        reply(second, text="Tomorrow it is closed, sorry.", by=stage.rosa, at=clock.now())
    carla = visitor(script=False).signs_in(stage.carla)
    carla.goes_to("/deliveries/")
    carla.page.get_by_text("The town does not want to hear this.").first.wait_for()
    carla.shot("sending-deliveries")
    carla.goes_to("/stop/")
    carla.page.get_by_text("Tomorrow it is closed, sorry.", exact=True).wait_for()
    carla.shot("sending-stop")
    carla.page.get_by_role("button", name="Let it go").click()
    carla.page.get_by_text("Nothing is held.").wait_for()
    phone = visitor(width=390).signs_in(stage.rosa)
    for name, path in (
        ("deliveries", "/deliveries/"),
        ("queue-stopped", "/queue/"),
        ("reply-stopped", f"/queue/{first.pk}/"),
    ):
        phone.goes_to(path)
        assert check_with_axe(phone.page) == [], path
        phone.shot(f"sending-{name}-phone")
    town.before = lambda outgoing: None
    with acting_for(None):
        outbox.deliver_next(now=clock.now)
    assert town.texts == ["Tomorrow it is closed, sorry."]
