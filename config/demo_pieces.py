"""What the demo organization writes: an article on three channels, a note for the house, and one that was dropped."""

from __future__ import annotations

from datetime import datetime, timedelta

from content.actions.channels import add_channel
from content.actions.comments import comment
from content.actions.pieces import begin_piece, drop_piece, edit_piece
from content.actions.variants import add_variant
from content.filling import filled_from_body
from content.models import Piece, Variant
from engagement.models.joinings import Step
from listening.models import Channel
from roles.models import Member, Organization

BRAKES = """## Brakes in the rain

Wet rims brake **late**. Pull lightly and early, twice: the first pull wipes the rim, the second one stops you.

- Look at the pads every month; below two millimetres they go.
- A squeal after rain is dirt, not wear. A drop of soapy water and a clean cloth are all it takes.

With a full box you need half as much way again. Try it once on an empty car park, with somebody's shopping."""
HOUSE = "From Monday we write what we answer most often once, here, before we say it anywhere. Bring your questions."


def write_pieces(organization: Organization, *, writer: Member, coach: Member, booth: Member, at: datetime) -> None:
    """Write an article for three channels, with an open comment, one for the house, and one that came to nothing."""
    begun = at - timedelta(days=3)
    field = Channel.objects.filter(network="practice").order_by("pk").first()
    if field is None:
        return
    journal = add_channel(organization, network="own-feed", name="Larkspur journal", by=coach, at=begun)
    letter = add_channel(organization, network="by-hand", name="Monthly letter", by=coach, at=begun)
    brakes = begin_piece(
        "Brakes in the rain", body=BRAKES, kind=Piece.Kind.ARTICLE, language="en", step=Step.PROVIDE_VALUE,
        by=writer, at=begun,
    )  # fmt: skip
    for channel in (field, journal, letter):
        add_variant(
            brakes, channel=channel, by=writer, at=begun, **filled_from_body(Variant(piece=brakes, channel=channel))
        )
    comment(
        brakes, text="A third is what we measured; please check before it goes out.", quote="half as much way again",
        by=booth, at=at - timedelta(days=1),
    )  # fmt: skip
    edit_piece(brakes, title="Brakes in the rain: what helps", by=writer, at=at - timedelta(hours=20))
    house = begin_piece("Write it once", body=HOUSE, step=Step.LEARN, language="en", by=coach, at=begun)
    add_variant(house, channel=field, text=HOUSE, by=coach, at=begun)
    dropped = begin_piece("Ten reasons to buy now", step=Step.PROMOTE, by=writer, at=begun)
    drop_piece(dropped, by=writer, at=at - timedelta(days=2))
