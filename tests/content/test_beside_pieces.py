"""Beside a piece and its review stand the guidelines that bear on its topic, and those who know it first-hand."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from maturity.actions.experts import name_expert
from maturity.actions.guidelines import add_guideline
from roles import clock
from roles.models import Organization
from roles.setting_up import steps_for
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask


def test_guidelines_and_experts_of_its_topic_stand_beside_it(acme: Cast, sign_in: Any) -> None:
    wheels, chains = factories.topic("Wheels"), factories.topic("Chains")
    acting: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    for title, topics in (("Of wheels", [wheels]), ("Of chains", [chains]), ("Of <b>all</b>", [])):
        add_guideline(acme.organization, title=title, text=f"{title}, say so.", topics=topics, **acting)
    name_expert(acme.bodo, knows="builds <i>wheels</i>", topics=[wheels], **acting)
    piece = factories.piece(author=acme.rosa, topic=wheels)
    factories.variant(piece)
    review = ask(piece, acme.rosa)
    for where, who in ((f"pieces/{piece.pk}", acme.rosa), (f"reviews/{review.pk}", acme.carla)):
        page = sign_in(who).get(f"/o/acme/content/{where}/").content.decode()
        assert page.index("Of wheels") < page.index("Of &lt;b&gt;all"), "what bears on the topic stands first"
        assert "Of chains" not in page and "builds &lt;i&gt;wheels" in page and "This topic" in page
    other = sign_in(acme.rosa).get(f"/o/acme/content/pieces/{factories.piece(author=acme.rosa).pk}/").content.decode()
    assert "Of wheels" not in other and "Who knows" not in other and "Of &lt;b&gt;all" in other


def test_programs_ask_for_the_guidelines_of_a_piece(acme: Cast, api: Any) -> None:
    wheels, chains = factories.topic("Wheels"), factories.topic("Chains")
    for title, topics in (("Of wheels", [wheels]), ("Of chains", [chains]), ("Of all", [])):
        add_guideline(acme.organization, title=title, text="Say so.", topics=topics, by=acme.carla, at=clock.now())
    rosa, piece = api(acme.rosa), factories.piece(author=acme.rosa, topic=wheels)

    def titles(of: object) -> list[str]:
        return sorted(one["title"] for one in rosa.get(f"/api/v1/guidelines/?piece={of}").json()["results"])

    assert titles(piece.pk) == ["Of all", "Of wheels"]
    assert titles(factories.piece(author=acme.rosa).pk) == ["Of all"]
    for nonsense in ("0", "x", 10**30):
        assert rosa.get(f"/api/v1/guidelines/?piece={nonsense}").status_code == 404


def test_however_many_there_are_it_asks_as_often(acme: Cast, sign_in: Any) -> None:
    client, piece = sign_in(acme.rosa), factories.piece(author=acme.rosa)

    def asked() -> int:
        client.get(f"/o/acme/content/pieces/{piece.pk}/")
        with CaptureQueriesContext(connection) as found:
            client.get(f"/o/acme/content/pieces/{piece.pk}/")
        return len(found)

    for number in range(2):
        add_guideline(acme.organization, title=f"A{number}", text="B", topics=[], by=acme.carla, at=clock.now())
    few = asked()
    for number in range(9):
        add_guideline(acme.organization, title=f"B{number}", text="B", topics=[], by=acme.carla, at=clock.now())
    assert asked() == few


def test_a_new_organization_is_led_to_a_first_piece_in_house(acme: Cast) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(set_up_ended_at=None)

    def is_done() -> bool:
        acme.carla.first_steps = None  # as whoever looks the next time
        return next(one.is_done for one in steps_for(acme.carla) if one.step.name == "piece")

    row = factories.publication(factories.variant(factories.piece(author=acme.rosa)))
    assert not is_done()
    type(row).objects.update(state="accepted", accepted_at=clock.now())
    assert is_done()
