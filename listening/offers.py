"""What else one can make of a mention in the stream; each app adds its own, where it has any."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from roles.models import Member


@dataclass(frozen=True)
class Offer:
    """A verb for the menu of triage: its page takes a POST with the keys of mentions, and tells what it did.

    The page answers as the verbs of triage do: the flash, or a redirect to `next`. It decides nothing about mentions.
    """

    key: str
    label: str | Promise
    icon: str
    url_name: str
    capability: str
    # Whether it leads to a page with a form (a GET with the keys) instead of being done at once.
    leads: bool = False
    # Whether a whole story is taken too, by its key in `story`.
    of_stories: bool = False


_offers: list[Offer] = []


def add_offer(offer: Offer) -> None:
    """Put a verb into the menu of triage; each has a key of its own."""
    if offer in _offers:
        return
    if any(one.key == offer.key for one in _offers):
        raise ValueError(f"The key {offer.key} is given already.")
    _offers.append(offer)


def offers_for(member: Member) -> list[Offer]:
    """The verbs that a member's positions use."""
    return [offer for offer in _offers if member.holds(offer.capability)]
