"""What the demo organization heard outside in the last weeks, and what its gatherer decided on each working day."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from config.demo_sources import add_place, lived
from listening.actions.mentions import dismiss, keep
from listening.ingest import ingest
from listening.models import Mention
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from roles.models import Member
from roles.tenancy import active_organization

WEEKS = 4
PLACE = "https://spokes.example/feed"
# One for each working day, again from the beginning when they are through.
ARTICLES = (
    ("A cargo bike for the choir", "Forty scores, a keyboard and a box of cough sweets fit into one cargo bike."),
    ("Counting at the north gate", "Nine in a hundred of those who pass are cargo bikes; last year it was five."),
    ("Winter tests", "We left a cargo bike in the salt spray for a week, and then took the chain apart."),
    ("Insurance, explained", "What a policy for a cargo bike covers, and which theft it calls negligence."),
    ("The plumber's morning", "Six calls before noon, all by cargo bike, and no parking ticket."),
    ("Loading zones", "The council draws twelve loading zones for cargo bikes, of which four are on a slope."),
    ("Frames made of bamboo", "A workshop by the canal bends a cargo bike out of grass. It creaks, they say, kindly."),
    ("School run census", "Teachers counted cargo bikes at the gate for a month and published the table."),
    ("Second hand prices", "A used cargo bike keeps more of its price than a used car; we asked eleven dealers."),
    ("Lights", "Which lamp lights a child in the box of a cargo bike without blinding it."),
    ("Ferry timetable", "From March the ferry carries six cargo bikes at once, and twelve on Sundays."),
    ("On brakes", "Rim or disc on a loaded cargo bike: our mechanic weighs both and changes her mind."),
    ("The library on wheels", "Two hundred books a week leave the branch on a cargo bike, and most come back."),
    ("Bike lanes by the river", "Where the new bike lanes narrow, and what the engineers say about it."),
    ("Repair week", "Nine workshops look at every cargo bike for nothing; bring a cloth."),
    ("A funeral by bike", "An undertaker has built a cargo bike that is quiet enough for the last way."),
    ("Rain covers compared", "Five rain covers for a cargo bike under a garden hose, in order of wet knees."),
    ("Letters to the editor", "Readers on cargo bikes in the pedestrian zone: bells, manners and one apology."),
    ("Battery recycling", "Where the cells of an old cargo bike go, and what comes back of them."),
    ("Who delivers at night", "A bakery, a pharmacy and a newspaper share one cargo bike, hour by hour."),
)


def listen(*, gatherer: Member, coach: Member, at: datetime, weeks: int = WEEKS) -> None:
    """Let a magazine write on every working day of some weeks, and somebody decide about it on the same morning."""
    zone = active_organization().zone
    today = at.astimezone(zone).date()
    magazine = add_place(PLACE, "Spokes & Cogs", by=coach, at=at, days=7 * weeks + 2, folder="Press")
    days = [today - timedelta(days=back) for back in range(7 * weeks, 0, -1)]
    for number, day in enumerate(day for day in days if day.weekday() < 5):
        title, text = ARTICLES[number % len(ARTICLES)]
        heard_at = datetime.combine(day, time(6, 40), zone)
        author = RemoteAuthor(name="Spokes & Cogs")
        post = RemotePost(
            id=f"{PLACE}/{number}", title=title, text=text, author=author, published_at=heard_at, language="en"
        )
        ingest(magazine, Page(posts=(post,)), at=heard_at)
        decided_at = heard_at + timedelta(hours=2, minutes=7 * (number % 9))
        for mention in Mention.objects.untriaged().filter(source=magazine):
            if number % 3:
                keep(mention, by=gatherer, at=decided_at)
            else:
                dismiss(mention, by=gatherer, at=decided_at)
    lived(magazine, at, usual_seconds=24 * 3600, last_item_at=at - timedelta(days=1))
