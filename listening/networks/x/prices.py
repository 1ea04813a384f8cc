"""What X takes for each call, in thousandths of a US dollar, by its list of April 2026: in doubt, the dearer price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from listening.networks.protocols import Price
from listening.networks.words import _
from listening.networks.x.lengths import has_link

# Of what concerns one's own account, where the account owns the app; else a post or a person costs as for everybody.
OWN_POST = 1
POST, PERSON = 5, 10
ANSWER, ANSWER_WITH_LINK = 15, 200


def of_mention(facts: Mapping[str, Any]) -> int:
    """A post that was said to us, with who wrote it."""
    return OWN_POST + PERSON if facts.get("owns_app") else POST + PERSON


def of_own_post(facts: Mapping[str, Any]) -> int:
    """A post of our own."""
    return OWN_POST if facts.get("owns_app") else POST


def of_reply(text: str) -> Price:
    """An answer: far more with a link in it."""
    if has_link(text):
        return Price(_("An answer with a link"), ANSWER_WITH_LINK)
    return Price(_("An answer"), ANSWER)


def listed(facts: Mapping[str, Any]) -> tuple[Price, ...]:
    """All of them, as people read them."""
    return (
        Price(_("A mention that is read, with its author"), of_mention(facts)),
        Price(_("A mention that is looked at again, for edits and deletions; six times at most"), POST),
        of_reply(""),
        of_reply("https://example.org/"),
        Price(_("Looking for an answer whose receipt was lost, by post looked at"), of_own_post(facts)),
        Price(_("Asking whether the keys still work, once a day"), PERSON),
    )
