"""The Jinja environment that draws what stands on a page many times; docs/how-to/draw-a-list.md says how it is used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, StrictUndefined

from engagement.templatetags.engagement import priorities, target_clock
from listening.templatetags.listening import marks, network_icon, source_of, told_in
from roles.templatetags.touchline import ago, avatar, dom_id, highlight, icon
from roles.wording import in_order

# Stands for a key while an address is taken apart; no row has it.
ANY_KEY = 9_007_199_254_740_991


def environment(**options: Any) -> Environment:
    """Return the environment: everything is escaped, a name that is not there is an error, and words are Django's."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    jinja = Environment(extensions=["jinja2.ext.i18n"], **options)  # noqa: S701 - the options say autoescape
    jinja.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    jinja.globals |= {
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
    return jinja


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


def addresses(name: str) -> Callable[[int], str]:
    """The addresses of rows by their keys: looked for once, however many lines there are."""
    before, _sign, after = reverse(name, args=[ANY_KEY]).rpartition(str(ANY_KEY))
    return lambda key: f"{before}{key}{after}"
