"""Who writes well and has something to say: what people contributed, in context and in the order of their names.

It counts what was written here, not what people can do. Nobody is put before anybody else by a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from content.models import Idea, Piece, Publication, Review
from listening.networks import all_networks
from roles.models import Member

DAYS = 180
MOST = 300
TOPICS = 4
ACCEPTED = (Idea.State.ACCEPTED, Idea.State.USED)

Knows = Callable[[], dict[int, str]]
_knowing: list[Knows] = []


def knows_first_hand(who: Knows) -> Knows:
    """Have an app above say who writes well, and what they know first-hand, by the key of the member."""
    _knowing.append(who)
    return who


@dataclass(frozen=True)
class Writer:
    """A person with what they contributed within the days that are looked at."""

    member: Member
    knows: str = ""
    topics: list[str] = field(default_factory=list)
    ideas: int = 0
    accepted: int = 0
    begun: int = 0
    # Pieces that were reviewed, and of these the ones that were never sent back.
    reviewed: int = 0
    passed: int = 0
    in_house: int = 0
    outside: int = 0

    @property
    def has_said(self) -> bool:
        """Whether anything of theirs was published, if only in-house."""
        return bool(self.in_house or self.outside)


def writers(*, at: datetime, topic: int | None = None) -> list[Writer]:
    """Everybody who noted, wrote or published something lately, or of whom it is known that they write well.

    With a topic those who wrote about it or had an idea of it, and those who know something first-hand. As many
    statements for one as for a hundred.
    """
    since = at - timedelta(days=DAYS)
    ideas = Idea.objects.filter(noted_at__gte=since, noted_by__isnull=False)
    pieces = Piece.objects.open().filter(created_at__gte=since)
    said = Publication.objects.filter(state=Publication.State.ACCEPTED, accepted_at__gte=since)
    if topic is not None:
        ideas, pieces = ideas.filter(topic=topic), pieces.filter(topic=topic)
        said = said.filter(variant__piece__topic=topic)
    known: dict[int, str] = {}
    for who in _knowing:
        known |= who()
    noted = _counted(ideas, "noted_by")
    accepted = _counted(ideas.filter(state__in=ACCEPTED), "noted_by")
    begun = _counted(pieces, "author")
    practised = Q(channel__network__in=_in_house())
    in_house = _published(said.filter(practised))
    outside = _published(said.exclude(practised))
    about = _topics(ideas, pieces)
    of_piece = Review.objects.filter(piece=OuterRef("pk"))
    sent_back = Exists(of_piece.filter(state=Review.State.SENT_BACK))
    approved = Exists(of_piece.filter(state=Review.State.APPROVED))
    reviewed = _counted(pieces.filter(approved | sent_back), "author")
    passed = _counted(pieces.filter(approved).exclude(sent_back), "author")
    keys = known.keys() | noted.keys() | begun.keys() | in_house.keys() | outside.keys()
    people = Member.objects.active().filter(pk__in=keys).select_related("user").by_name()
    return [
        Writer(
            one, known.get(one.pk, ""), about[one.pk][:TOPICS], noted.get(one.pk, 0), accepted.get(one.pk, 0),
            begun.get(one.pk, 0), reviewed.get(one.pk, 0), passed.get(one.pk, 0),
            in_house.get(one.pk, 0), outside.get(one.pk, 0),
        )
        for one in people[:MOST]
    ]  # fmt: skip


def said_in_house(members: set[int]) -> dict[int, tuple[datetime, datetime]]:
    """When each of these people had a piece of theirs published in-house for the first time, and when for the last."""
    rows = Publication.objects.filter(
        state=Publication.State.ACCEPTED, accepted_at__isnull=False, channel__network__in=_in_house(),
        variant__piece__author__in=members,
    )  # fmt: skip
    grouped = rows.order_by().values_list("variant__piece__author")
    return {
        member: (first, last)
        for member, first, last in grouped.annotate(first=Min("accepted_at"), last=Max("accepted_at"))
    }


def _in_house() -> list[str]:
    """Networks on which only colleagues read."""
    return [network.name for network in all_networks() if getattr(network, "rehearsal", False)]


def _counted(rows: QuerySet[Idea] | QuerySet[Piece], who: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(who).annotate(Count("pk")))


def _published(rows: QuerySet[Publication]) -> dict[int, int]:
    grouped = rows.order_by().values_list("variant__piece__author")
    return dict(grouped.annotate(Count("variant__piece", distinct=True)))


def _topics(ideas: QuerySet[Idea], pieces: QuerySet[Piece]) -> defaultdict[int, list[str]]:
    """What they had something to say about, most of it first."""
    often: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for rows, who in ((ideas, "noted_by"), (pieces, "author")):
        grouped = rows.filter(topic__isnull=False).order_by().values_list(who, "topic__name")
        for member, name, number in grouped.annotate(Count("pk")):
            often[member][name] += number
    found: defaultdict[int, list[str]] = defaultdict(list)
    for member, names in often.items():
        found[member] = sorted(names, key=lambda name: (-names[name], name))
    return found
