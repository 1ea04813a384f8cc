"""Cards of the calendar: what is said, when, where, how far it has come, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils import formats
from django.utils.translation import gettext as _

from content.actions.publications import MOVABLE
from content.calendar_days import Span
from content.calendar_filter import Wanted
from content.meanwhile import Meanwhile
from content.models import Publication, Variant
from content.repeated import LONGEST, alike_among
from content.reviewing import ReviewState, review_state
from content.slots import CLOSE
from listening.templatetags.listening import network_icon
from roles.keys import addresses
from roles.statements import Statement
from roles.templatetags.touchline import icon
from roles.wording import in_order

State = Publication.State
TONES = {
    State.WAITING: "note", State.HELD: "soon", State.READY: "info", State.BY_HAND: "soon", State.SENDING: "info",
    State.ACCEPTED: "ok", State.REFUSED: "late", State.UNKNOWN: "late", State.MISSED: "late",
    State.CANCELLED: "quiet",
}  # fmt: skip
OF_REVIEW = {
    ReviewState.NEEDED: "soon", ReviewState.WAITING: "note", ReviewState.SENT_BACK: "late", ReviewState.APPROVED: "ok",
    ReviewState.ASKS_MORE: "soon",
}  # fmt: skip
FIELDS = (
    "pk", "state", "due_at", "zone", "channel", "channel__network", "channel__name", "variant", "variant__piece",
    "variant__piece__department", "called", "said", "is_close",
    "channel__is_active",
)  # fmt: skip
TITLE = 120


class Card(NamedTuple):
    """A publication, or a variant that is not planned yet, as it stands on the calendar."""

    pk: int
    # Whether it is that of a publication; else it is that of a variant.
    is_planned: bool
    variant: int
    piece: int
    title: str
    network: str
    channel: str
    state: str = ""
    tone: str = ""
    due_at: datetime | None = None
    # What the clocks show: of the zone of the page, and of the zone of its schedule where that is something else.
    time: str = ""
    there: str = ""
    there_zone: str = ""
    is_movable: bool = True
    day: date | None = None
    # What one should think of before it goes out.
    notes: tuple[str, ...] = ()
    # When it is due, as programs read it.
    moment: str = ""
    # Where the piece stands, and where the card is planned or moved.
    piece_url: str = ""
    move_url: str = ""


def unplanned(wanted: Wanted, span: Span, *, most: int) -> list[Card]:
    """Variants of which nothing is planned or out yet, the newest first.

    What was missed or refused stands on its day, and here only where its day is not shown.
    """
    found = _BESIDE.rows(wanted.state, most, begins=span.begins_at, ends=span.ends_at, **wanted.choice)
    newest: dict[int, Publication] = {}
    if found:
        failed = Publication.objects.did_not_go_out().filter(variant__in=[row[0] for row in found])
        newest = {row.variant_id: row for row in failed.only("variant", "state", "due_at").order_by("pk")}
    words = _Words()
    return [_beside(newest.get(row[0]), row, span.zone, words) for row in found]


def _to_be_planned(state: str, most: int, *, begins: datetime, ends: datetime, **choice: Any) -> QuerySet[Variant, Any]:
    wanted = Wanted(state=state, **choice)
    on_its_day = wanted.publications().between(begins, ends).did_not_go_out()
    rows = wanted.narrow(Variant.objects.to_be_planned(), of="")
    rows = rows.exclude(Exists(on_its_day.filter(variant=OuterRef("pk"))))
    rows = rows.annotate(called=_called("title", "piece__title", "text")).order_by("-pk")
    about = ("pk", "piece", "called", "channel__network", "channel__name", "channel__is_active")
    found: QuerySet[Variant, Any] = rows.values_list(*about)[:most]
    return found


_BESIDE = Statement(_to_be_planned)


def _beside(failed: Publication | None, row: tuple[Any, ...], zone: ZoneInfo, words: _Words) -> Card:
    """The card of a variant, or that of the publication that came to nothing: to move it is to try it again."""
    variant, piece, called, network, channel, is_on = row
    card = Card(variant, False, variant, piece, called, network, channel)
    card = card._replace(
        notes=() if is_on else (words.off,), piece_url=words.piece_of(piece), move_url=words.plan_of(variant)
    )
    if failed is None:
        return card
    shown = formats.date_format(failed.due_at.astimezone(zone), in_order("j M, H:i"))
    state = State(failed.state)
    return card._replace(
        pk=failed.pk,
        is_planned=True,
        state=str(state.label),
        tone=TONES[state],
        due_at=failed.due_at,
        time=shown,
        moment=failed.due_at.isoformat(),
        move_url=words.move_of(failed.pk),
    )


def cards_of(rows: Any, zone: ZoneInfo, going_on: Sequence[Meanwhile], *, limit: int | None = None) -> list[Card]:
    """Publications as cards, in the order of time."""
    return _drawn(list(_for_cards(rows)[:limit]), zone, going_on)


def cards_among(keys: list[int], zone: ZoneInfo, going_on: Sequence[Meanwhile]) -> list[Card]:
    """The publications with some keys as cards, in the order of time."""
    return _drawn(_CARDS.rows(keys=keys), zone, going_on) if keys else []


def _for_cards(rows: Any) -> Any:
    rows = rows.with_company(CLOSE).in_time().annotate(
        called=_called("variant__title", "variant__piece__title", "variant__text"), said=Left("variant__text", LONGEST)
    )  # fmt: skip
    return rows.values_list(*FIELDS)


_CARDS = Statement(lambda *, keys: _for_cards(Publication.objects.among(keys)))


def _drawn(found: Sequence[tuple[Any, ...]], zone: ZoneInfo, going_on: Sequence[Meanwhile]) -> list[Card]:
    alike = alike_among((row[0], row[4], row[11], row[2]) for row in found if row[1] in TAKING_PLACE)
    words = _Words()
    return [_card(row, zone, words, going_on, row[0] in alike) for row in found]


TAKING_PLACE = frozenset(State.values) - {State.CANCELLED, State.REFUSED, State.MISSED}


class _Words:
    """What is said on many cards, and the addresses of what they lead to, looked up once."""

    def __init__(self) -> None:
        self.piece_of, self.plan_of = addresses("content:piece"), addresses("content:plan")
        self.move_of = addresses("content:replan")
        self.states = {str(value): str(label) for value, label in State.choices}
        self.off, self.waits = _("Its channel is switched off"), _("Waits for its channel")
        self.close, self.alike = _("Close to another on its channel"), _("Says almost the same as another")


def _card(
    row: tuple[Any, ...], zone: ZoneInfo, words: _Words, going_on: Sequence[Meanwhile], is_alike: bool
) -> Card:  # fmt: skip
    pk, state, due_at, zone_name, _channel, network, channel, variant, piece, department, called, _said, *rest = row
    is_close, is_on = rest
    here, there = due_at.astimezone(zone), due_at.astimezone(_zone(zone_name))
    is_other = here.replace(tzinfo=None) != there.replace(tzinfo=None)
    notes: tuple[str, ...] = ()
    # What is done needs no thought any more.
    if state in MOVABLE:
        notes = (
            *(() if is_on else (words.off,)),
            *((words.close,) if is_close else ()),
            *((words.alike,) if is_alike else ()),
            *(one.words for one in going_on if one.concerns(department, due_at)),
        )
    return Card(
        pk, True, variant, piece, called, network, channel,
        words.states[state] if is_on or state != State.WAITING else words.waits, TONES[state], due_at, f"{here:%H:%M}",
        f"{there:%H:%M} {place_of(zone_name)}" if is_other else "", zone_name if is_other else "",
        state in MOVABLE, here.date(), notes, due_at.isoformat(), words.piece_of(piece), words.move_of(pk),
    )  # fmt: skip


def reviewed(*lists: Sequence[Card]) -> list[list[Card]]:
    """The same cards, with how each stands with review where it is not planned yet, or waits for that."""
    asked = {card.variant for cards in lists for card in cards if _waits(card)}
    variants = Variant.objects.filter(pk__in=asked).select_related("piece").with_media()
    found = review_state(variants) if asked else {}
    return [[_reviewed(card, found.get(card.variant)) if _waits(card) else card for card in cards] for cards in lists]


def _waits(card: Card) -> bool:
    return not card.is_planned or card.tone == TONES[State.WAITING]


def _reviewed(card: Card, state: ReviewState | None) -> Card:
    if state not in OF_REVIEW:
        return card
    return card._replace(state=str(state.label), tone=OF_REVIEW[state])


class CardWords(NamedTuple):
    """What is the same on every card of a page: looked up and put into marks once."""

    move: str
    plan: str
    untitled: str
    move_icon: str
    plan_icon: str
    next: str
    # The sign of each network, by its name.
    signs: Mapping[str, str]


def card_words(here: str, cards: Iterable[Card], others: Iterable[str] = ()) -> CardWords:
    """The words of the cards of a page at an address, with the signs of their networks and of some others."""
    networks = {card.network for card in cards} | set(others)
    return CardWords(
        _("Move"), _("Plan"), _("Without words yet"), icon("arrows-pointing-out", "icon--small"),
        icon("calendar", "icon--small"), f"?next={quote(here)}", {name: network_icon(name) for name in networks},
    )  # fmt: skip


def _called(*fields: str) -> Any:
    """What stands on a card: the first of these that says something."""
    return Coalesce(*(NullIf(Left(F(name), TITLE), Value("")) for name in fields), Value(""))


def place_of(zone_name: str) -> str:
    """The place after which a time zone is called."""
    return zone_name.rpartition("/")[2].replace("_", " ")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
