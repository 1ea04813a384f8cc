"""What the demo organization could say one day, and what it says again and again."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.actions.idea_merging import merge_ideas
from content.actions.ideas import accept_idea, develop_idea, drop_idea, note_idea
from content.actions.repurposing import repurpose
from content.actions.series import begin_series, continue_series
from engagement.models.joinings import Step
from listening.models import Channel
from roles.models import Member, Organization

# What, its value, its effort, the step that it serves, and who noted it: coach, gatherer, responder or booth.
IDEAS = (
    ("What to check before the first ride in spring: five minutes, no tools", 5, 2, Step.PROVIDE_VALUE, "responder"),
    ("How we pack a cargo bike so that it survives the post", 3, 2, Step.SHARE_ABOUT_YOU, "booth"),
    ("Ask readers for the heaviest thing that they have carried on two wheels", 4, 1, Step.ENGAGE, "gatherer"),
    ("A portrait of the repair café in the old tram depot", 4, 3, Step.PROMOTE_OTHERS, "coach"),
    ("Film: adjusting disc brakes without a stand", 5, 4, Step.PROVIDE_VALUE, "booth"),
    ("Why a battery dislikes the cellar in January", 0, 0, "", "responder"),
)
ALIKE = ("Disc brakes: how to adjust them without a stand", "A short film on adjusting disc brakes")


def collect_ideas(
    organization: Organization, *, coach: Member, gatherer: Member, responder: Member, booth: Member, at: datetime
) -> None:
    """Note ideas over two weeks, rate them, merge what was thought twice, and make pieces of two."""
    who = {"coach": coach, "gatherer": gatherer, "responder": responder, "booth": booth}
    made = [
        note_idea(
            text, value=value, effort=effort, step=step, by=who[name], at=at - timedelta(days=13 - 2 * number)
        )
        for number, (text, value, effort, step, name) in enumerate(IDEAS)
    ]  # fmt: skip
    first, film = made[0], made[4]
    for number, text in enumerate(ALIKE):
        twice = note_idea(text, by=responder, at=at - timedelta(days=3, hours=number))
        if number == 0:
            merge_ideas(twice, into=film, by=coach, at=at - timedelta(days=2))
    accept_idea(film, reason="Asked every week; the workshop lends us an hour.", by=coach, at=at - timedelta(days=2))
    late = note_idea("Our winter sale", value=1, effort=1, step=Step.PROMOTE, by=gatherer, at=at - timedelta(days=9))
    drop_idea(late, reason="It is over; the next one is planned as a campaign.", by=coach, at=at - timedelta(days=6))
    piece = develop_idea(first, by=booth, at=at - timedelta(days=5))
    channels = list(Channel.objects.filter(is_active=True).order_by("pk")[:1])
    repurpose(piece, channels=channels, title="Spring check in one picture", by=booth, at=at - timedelta(days=4))
    series = begin_series(
        organization, name="Friday repairs", promise="Every other Friday: one repair, explained in five steps.",
        by=coach, at=at - timedelta(days=12),
    )  # fmt: skip
    continue_series(series, title="A puncture in the rain", by=booth, at=at - timedelta(days=8))
    continue_series(series, title="A chain that jumps", by=responder, at=at - timedelta(days=1))
