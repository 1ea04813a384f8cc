"""What waits in the stream of the demo organization: a town that talks, a newspaper, saved filters and a board."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from listening import polling
from listening.actions import filters, topics
from listening.filtering import StreamFilter
from listening.ingest import ingest
from listening.models import PracticeAccount, Source, TrackingQuery
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from listening.practice_field import actions as field
from roles.models import Department, Member

# Who said what, the oldest first; they come within the last day and a half.
TOWN = (
    ("dee.in.town", "The council finally counts cargo bikes as traffic. Took them long enough."),
    ("mara_rides", "First cargo bike of the season parked across the whole pavement. Please don't."),
    ("ottokar", "Cargo bike maintenance evening at the workshop, Thursday at seven. Bring your own tea."),
    ("grumpy_george", "Another cargo bike on my pavement. Terrible. Somebody will get hurt."),
    (
        "pablo_h",
        "Rented a cargo bike for the flour run. Brakes were awful, I was scared downhill.",
    ),
    ("samira.k", "Does anybody know how to tell if a second hand cargo bike has a bent frame?"),
    ("yuki.t", "Built a small dashboard of the bike lanes that flood when it rains. Link in my profile. #cargobike"),
    ("mara_rides", "Mein Lastenrad fährt nach drei Jahren noch wie neu. Beste Entscheidung für die Kinder!"),
    ("ottokar", "Wer repariert Lastenräder in der Altstadt? Mein Lastenrad verliert Öl und der Laden hat zu."),
    ("dee.in.town", "Zo blij met onze bakfiets, elke dag naar school zonder gedoe. #cargobike"),
    ("samira.k", "Notre vélo cargo a transporté tout le café associatif hier. Quelle belle journée !"),
    ("yuki.t", "Three cargo bikes compared: range, noise, price. The cheapest one lost badly on hills."),
    ("grumpy_george", "Cargo bike subsidies again. My taxes, their toys."),
    ("pablo_h", "Hiring: two riders with their own cargo bike for early bread deliveries. Message me."),
    ("dee.in.town", "Bike lanes on Quay Street closed for two weeks, no detour signed. Dangerous and stupid."),
    ("mara_rides", "Which cargo bike fits through a 75 cm garden gate? Asking before I buy the wrong one."),
    ("ottokar", "Win a cargo bike!!! Click the link and share with ten friends to win win win."),
    ("samira.k", "Lovely to see the school run with so many cargo bikes this morning. Thank you all."),
    ("yuki.t", "Is there an open standard for cargo bike batteries yet? Every maker cooks their own."),
    ("grumpy_george", "Cargo bike thief caught on Harbour Square. Took the police three weeks."),
    ("pablo_h", "My cargo bike insurance doubled. Anyone found a better one?"),
    ("dee.in.town", "Petition for wider bike lanes on the bridge: 1,900 names so far. We need 2,000 by Friday."),
    ("mara_rides", "The kids named the cargo bike Clementine. She is the best."),
    ("ottokar", "PSA: check the kickstand spring of your cargo bike before winter. Saw three broken ones today."),
    ("samira.k", "Lastenrad zu verleihen, kostenlos, für das Nachbarschaftsfest am Sonntag."),
    ("yuki.t", "Hmm, cargo bike motors and regenerative braking: worth it under 80 kg of load? I measured: no."),
    ("grumpy_george", "Fell over a cargo bike in the dark. No lights, no reflectors, no manners. Furious."),
    ("pablo_h", "Can a cargo bike carry an oven? Asking for a baker. #cargobike"),
    ("dee.in.town", "The mayor came to the opening of the bike lanes by car. Of course."),
    ("mara_rides", "Bakfiets te koop, vier jaar oud, altijd binnen gestaan. Stuur een bericht."),
    ("ottokar", "Best chain lube for a cargo bike that lives outside? Winter eats mine."),
    ("samira.k", "Repair café fixed eleven bikes and one cargo bike yesterday. Great people, great cake."),
    ("yuki.t", "Vélo cargo ou voiture ? J'ai fait le calcul : le vélo cargo gagne de loin."),
    ("grumpy_george", "Why is every cargo bike painted like a salad?"),
    ("pablo_h", "The city's cargo bike loading zone is full of vans. Reported it four times, nothing happens."),
    ("dee.in.town", "Survey: would you use a shared cargo bike if it stood at your corner? Answers welcome."),
    ("mara_rides", "Snow tyres on the cargo bike today. Felt safe the whole way, wonderful."),
    ("ottokar", "Bike lanes swept before eight this morning. Well done, whoever that was!"),
    ("samira.k", "Lost: blue rain cover of a cargo bike, between school and harbour."),
    ("yuki.t", "Firmware of my rental cargo bike crashed at a crossing. Not funny. Reported to the operator."),
)
PRESS = (
    ("Cargo bikes overtake vans in the old town", "For the first time more parcels came by cargo bike than by van."),
    ("Subsidy for cargo bikes extended until next year", "The council voted eleven to four for another year."),
    ("Five cargo bikes on trial", "Our testers liked the quiet ones, and warn about weak brakes on two cheap models."),
    ("Bike lanes on Quay Street closed for two weeks", "Works on the water pipes; no detour has been signed so far."),
    ("Cargo bike recall: importer warns of front forks", "400 bikes sold last spring are called back."),
    ("Opinion: why the bike lanes must be wider", "Two cargo bikes cannot pass each other on the bridge."),
    ("Rental firm admits faults in its cargo bikes", "After several falls 60 bikes are off the streets."),
    ("How a bakery delivers by cargo bike", "Forty loaves before seven, and not one of them by car."),
    ("Subsidy for cargo bikes extended until next year", "The council voted eleven to four for another year."),
    ("Job market: bike mechanics wanted everywhere", "Workshops for cargo bikes look for people in vain."),
)  # fmt: skip
SAVED = (
    ("Complaints", {"sentiment": "-1"}),
    ("Praise", {"sentiment": "1"}),
    ("In other languages", {"q": "lang:de OR lang:nl OR lang:fr OR lang:es"}),
)
TOPICS = (
    ("Repairs and parts", "What breaks, what fits, who mends it.", "Customer care"),
    ("Traffic and the city", "Lanes, parking, rules, the council.", "Communications"),
    ("Buying advice", "Which one, how much, is it worth it.", "Customer care"),
)


def talk(cast: dict[str, PracticeAccount], *, by: Member, at: datetime) -> None:
    """Let the town talk and the newspaper write, and keep what one looks for again and again."""
    for number, (handle, text) in enumerate(TOWN):
        field.post(cast[handle], text=text, by=None, at=at - timedelta(minutes=40 * (len(TOWN) - number) + 20))
    polling.poll_due(at)
    courier = _courier(at=at - timedelta(days=2), by=by)
    posts = tuple(_article(number, title, text, at) for number, (title, text) in enumerate(PRESS))
    ingest(courier, Page(posts=posts), at=at)
    _keep(courier, by=by, at=at)


def _courier(*, at: datetime, by: Member) -> Source:
    # It exists nowhere, so it is not polled.
    return Source.objects.create(
        network="feed", place="https://harbour-courier.example/feed", key="demo-courier", name="Harbour Courier",
        state=Source.State.PAUSED, state_reason="Only for show: this newspaper exists nowhere.", created_at=at,
        created_by=by, next_poll_at=at,
    )  # fmt: skip


def _article(number: int, title: str, text: str, at: datetime) -> RemotePost:
    return RemotePost(
        id=f"courier-{number}",
        title=title,
        text=text,
        url=f"https://harbour-courier.example/{number}",
        author=RemoteAuthor(id="courier", name="Harbour Courier"),
        published_at=at - timedelta(hours=3 * (len(PRESS) - number)),
    )


def _keep(courier: Source, *, by: Member, at: datetime) -> None:
    acting: dict[str, Any] = {"by": by, "at": at}
    departments = {row.name: row for row in Department.objects.all()}
    for name, description, department in TOPICS:
        topics.add_topic(name=name, description=description, department=departments.get(department), **acting)
    wanted = [*SAVED, ("From the press", {"source": str(courier.pk)})]
    if query := TrackingQuery.objects.filter(name="Cargo bikes").first():
        wanted.append(("Cargo bikes", {"query": str(query.pk)}))
    rows = [filters.save_filter(name, wanted=StreamFilter.of(said), shared=True, **acting) for name, said in wanted]
    for member in Member.objects.active():
        if member.roles & {"coach", "gatherer"}:
            filters.arrange_columns(member, filters=rows[:4], by=member, at=at)
