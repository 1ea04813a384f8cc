"""How the demo organization made ready: a path for those who answer, and plans for when much more comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from listening.models import EarlyWarning
from maturity.actions.surges import plan_surge, switch_surge_off, switch_surge_on, write_lessons
from maturity.actions.training import Asked, confirm_step, take_step, write_path
from maturity.models import SurgePlan, Training
from roles.models import Member, Organization, Role

STEPS = (
    Asked("read", "How we take part"),
    Asked("acknowledge", "The guidelines as they are now"),
    Asked("shadow", "An afternoon in the queue beside a colleague"),
    Asked("drill", "Three questions on the practice field, one of them unfriendly"),
)


def make_ready(organization: Organization, *, coach: Member, responder: Member, at: datetime) -> None:
    """Lead responders in, look back at a surge, and prepare for another that a grave warning brings."""
    begun = at - timedelta(days=12)
    path = write_path(
        organization, steps=STEPS, name="First weeks at the front", role=Role.RESPONDER, due_days=30, by=coach, at=begun
    )
    training = Training.objects.get(path=path, member=responder)
    # The yes in between is one that was said to the guidelines.
    for step in path.steps.filter(kind__in=["read", "shadow"]):
        moment = begun + timedelta(days=step.number)
        if step.is_confirmed:
            note = "Asked the right thing twice before she answered."
            confirm_step(training, step=step, note=note, by=coach, at=moment)
        else:
            take_step(training, step=step, by=responder, at=moment)
    tour = plan_surge(
        organization, title="The spring tour opens for bookings", factor=Decimal(3), by=coach, at=begun,
        note="Most will ask about dates and deposits; both stand on the tour's page.",
    )  # fmt: skip
    switch_surge_on(tour, by=coach, at=begun + timedelta(days=2))
    tour = switch_surge_off(tour, by=coach, at=begun + timedelta(days=3))
    lessons = "The page of the tour should have been up an hour before the newsletter was."
    write_lessons(tour, text=lessons, by=coach, at=begun + timedelta(days=4))
    plan_surge(
        organization, title="Many speak of us at once", factor=Decimal(5), trigger=SurgePlan.Trigger.BY_WARNING,
        severity=EarlyWarning.Severity.GRAVE,
        first_response_minutes=30, members=[responder], by=coach, at=at - timedelta(days=2),
        note="Read before you answer. The workshop says what is safe; nobody guesses.",
    )  # fmt: skip
