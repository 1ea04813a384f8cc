"""By hand: places to which no program leads. A person posts there, and says where it stands."""

from __future__ import annotations

from typing import Literal

from listening.networks.words import _


class ByHand:
    """Can nothing by itself: what is due there waits for a person."""

    name = "by-hand"
    label = _("By hand")
    icon = "hand-raised"
    places = ""
    ids_within: Literal["network", "source"] = "source"
    # Made on the page of our channels, for there is nothing to connect.
    is_made_apart = True

    def check_place(self, place: str) -> str:
        """Refuse: nothing is read here."""
        raise ValueError(_("Nothing can be listened to by hand."))


network = ByHand()
