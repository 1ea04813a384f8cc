"""How the demo organization begins to say something itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.demo_calendar import keep_a_rhythm
from config.demo_links import read_links, track_links
from config.demo_publications import publish_some
from config.demo_series import go_on_in_numbers, talk_about
from maturity.actions.openings import open_early
from roles.models import Member, Organization


def begin_to_publish(organization: Organization, *, coach: Member, responder: Member, at: datetime) -> None:
    """Open publishing before its level: first to the practice field, where only colleagues read."""
    open_early(
        organization, capability="content.plan", by=coach, at=at - timedelta(days=40),
        reason="We publish in-house first, one post a week, to learn how it feels to be reviewed.",
    )  # fmt: skip
    track_links(organization, coach=coach, at=at)
    keep_a_rhythm(organization, coach=coach, responder=responder, at=at)
    go_on_in_numbers(organization, coach=coach, writer=responder, at=at)
    publish_some(organization, coach=coach, responder=responder, at=at)
    read_links(at=at)
    talk_about("Brakes in the rain", asks=coach, answers=responder, at=at)
