"""From an e-mail to a yes, and from what reviews changed to a policy, in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from content.actions.review_policies import set_review_base
from content.actions.variants import edit_variant
from content.models import Review, Variant
from content.review_rules import TimedStep
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.content.reviews import ask, yes
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor
from tests.e2e.test_booth_without_script import mailed_link


@pytest.fixture
def asked(stage: Cast) -> Review:
    """Rosa's piece, approved once and edited since, which waits for Bodo and Carla."""
    with acting_for(stage.organization):
        piece = factories.piece(author=stage.rosa, title="How we true a wheel")
        first = factories.variant(piece, text="We true wheels on Saturdays, from nine to noon, for whoever comes by.")
        factories.variant(piece, title="True wheels", link="https://example.org/wheels", tags=["wheels", "workshop"])
        first.media_rows.create(media=factories.media())
        yes(ask(piece, stage.rosa), stage.carla)
        both = TimedStep(needs="all", roles=("coach",), member_ids=(stage.bodo.pk,))
        set_review_base(stage.organization, steps=[both], by=stage.carla, at=clock.now())
        for row in Variant.objects.all():
            edit_variant(row, text=row.text.replace("Saturdays", "Sundays"), by=stage.rosa, at=clock.now())
        return ask(piece, stage.rosa)


def test_a_review_is_decided_from_the_mail_without_script_and_on_its_page(
    visitor: Callable[..., Visitor], stage: Cast, asked: Review
) -> None:
    bodo = visitor(width=390, script=False)
    bodo.page.goto(bodo.address + mailed_link(stage.bodo, "/content/reviews/by-link/"))
    bodo.page.get_by_text("We true wheels on Sundays").first.wait_for()
    bodo.shot("review-by-link-phone")
    bodo.page.get_by_role("button", name="Yes, exactly this may go out").click()
    bodo.page.get_by_text("Approved. It goes out when").wait_for()
    carla = visitor(dark=True).signs_in(stage.carla)
    carla.goes_to("/content/reviews/")
    carla.page.get_by_text("We true wheels on Sundays").first.wait_for()
    for name, path in (
        ("list", "/content/reviews/"), ("one", f"/content/reviews/{asked.pk}/"),
        ("policies", "/content/review-policies/"), ("policy-form", "/content/review-policies/add/"),
        ("piece", f"/content/pieces/{asked.piece_id}/"),
    ):  # fmt: skip
        carla.goes_to(path)
        carla.shot(f"review-{name}-dark")
        assert check_with_axe(carla.page) == [], path
    carla.goes_to("/content/reviews/")
    carla.page.get_by_role("button", name="Approve").first.click()
    carla.page.get_by_text("Approved; it may go out.").wait_for()
    phone = visitor(width=390).signs_in(stage.carla)
    for name, path in (("empty", "/content/reviews/"), ("ended", "/content/reviews/?tab=ended")):
        phone.goes_to(path)
        phone.shot(f"review-{name}-phone")
    with acting_for(stage.organization):
        assert Review.objects.latest("pk").state == "approved"
