"""The Jinja environment that draws what stands on a page many times; docs/how-to/draw-a-list.md says how it is used."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from engagement.templatetags.engagement import priorities, target_clock
from listening.templatetags.listening import marks, network_icon, source_of, told_in
from roles.keys import addresses
from roles.templatetags.touchline import ago, avatar, dom_id, highlight, icon
from roles.wording import in_order, listed


def environment(**options: Any) -> Environment:
    """Return the environment: everything is escaped, a name that is not there is an error, and words are Django's."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    jinja = Environment(**options)  # noqa: S701 - the options say autoescape
    # Words are looked up by functions of ours: Jinja's extension takes three calls more for each.
    jinja.globals |= {
        "_": said,
        "ngettext": said_of,
        "address": address,
        "addresses": addresses,
        "ago": ago,
        "avatar": avatar,
        "date": date_in_words,
        "dom_id": dom_id,
        "highlight": highlight,
        "icon": icon,
        "marks": marks,
        "priorities": priorities,
        "network_icon": network_icon,
        "source_of": source_of,
        "target_clock": target_clock,
        "told_in": told_in,
        "wall": wall,
    }
    jinja.filters |= {"colon": colon, "listed": listed}
    return jinja


def said(message: str, /, **values: object) -> Markup:
    """A message in the reader's language, with values in its places."""
    return Markup(gettext(message)) % values  # noqa: S704 - ours; the values are escaped


def said_of(one: str, many: str, number: int, /, **values: object) -> Markup:
    """A message of a number in the reader's language, with values in its places."""
    return Markup(ngettext(one, many, number)) % values  # noqa: S704 - ours; the values are escaped


def colon(label: object) -> Markup:
    """A label before what it names, as `touchline.colon` has it for other templates."""
    return said("%(label)s:", label=label)


def address(name: str, *keys: object) -> str:
    """The address of a page."""
    return reverse(name, args=keys)


def date_in_words(day: date, pattern: str) -> str:
    """A day as the reader's language has it, by a pattern of Django's `date`."""
    return _spelled(day, pattern, get_language() or "")


@lru_cache(maxsize=2048)
def _spelled(day: date, pattern: str, _language: str) -> str:
    return formats.date_format(day, in_order(pattern))


def wall(at: datetime, zone: ZoneInfo) -> str:
    """What the clocks of a zone show at a moment."""
    return f"{at.astimezone(zone):%H:%M}"
