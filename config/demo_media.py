"""Pictures that the demo organization says things with: drawn here, so that nothing has to be brought along."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from content.actions.media import take_media
from roles.models import Member, Organization

GREEN, PAPER, INK = "#0d6b49", "#f6f6f2", "#1a1e1b"


def draw_pictures(organization: Organization, *, coach: Member, at: datetime) -> None:
    """Keep a picture of a cargo bicycle, and one of which nobody has said yet what is to be seen."""
    said = "A drawing of a green cargo bicycle, seen from the left, with a box before the handlebar."
    for name, alt, colour in (("cargo-bicycle.png", said, GREEN), ("box.png", "", INK)):
        file = BytesIO()
        _bicycle(colour).save(file, "PNG")
        take_media(organization, file=file, size=file.tell(), name=name, alt=alt, by=coach, at=at - timedelta(days=6))


def _bicycle(colour: str) -> Image.Image:
    image = Image.new("RGB", (480, 300), PAPER)
    pen = ImageDraw.Draw(image)
    for middle, radius in ((100, 48), (390, 60)):
        pen.ellipse((middle - radius, 240 - 2 * radius, middle + radius, 240), outline=INK, width=8)
    pen.rectangle((60, 110, 220, 190), fill=colour)
    pen.line((220, 180, 300, 190, 390, 180, 330, 110, 300, 190), fill=colour, width=10)
    pen.line((330, 110, 320, 80), fill=colour, width=10)
    pen.line((220, 150, 250, 90, 270, 90), fill=INK, width=8)
    return image
