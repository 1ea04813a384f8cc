"""Figures as people say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from measurement.metric import Kind
from roles import wording
from roles.models import Level

NOTHING = "–"


def said(kind: Kind, value: float | None, *, currency: str = "") -> str:
    """A figure of a kind in words, a dash where there is none."""
    if value is None:
        return NOTHING
    match kind:
        case "share":
            return share(value)
        case "balance":
            return balance(value)
        case "seconds":
            return duration(value)
        case "hours":
            # A few minutes are not rounded to nothing that they are not.
            return wording.span(3600 * value) if 0 < value < 0.05 else _("%(n)s h") % {"n": number(round(value, 1))}
        case "money":
            return money(value, currency)
        case "level":
            return str(list(Level)[round(value)].label)
    return number(value)


def number(value: float) -> str:
    """A count as people of this language write it."""
    return number_in(get_language(), value)


def number_in(language: str | None, value: float) -> str:
    """The same for who writes hundreds of them, and asks once which language it is."""
    return _number(int(value) if value == int(value) else value, language)


@lru_cache(maxsize=4096)
def _number(value: float, language: str | None) -> str:
    """A count in words, made once for each language."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def share(value: float | None) -> str:
    """A share as a whole percentage, a dash where there is none; never rounded to all or nothing that it is not."""
    if value is None:
        return NOTHING
    percent = round(value * 100)
    if percent == 100 and value < 1:
        percent = 99
    if percent == 0 and value > 0:
        percent = 1
    return _("%(n)s %%") % {"n": number(percent)}


def balance(value: float | None) -> str:
    """What is between -100 and +100 per cent, with its sign."""
    if value is None:
        return NOTHING
    percent = round(value * 100)
    sign = "+" if percent > 0 else "−" if percent < 0 else ""
    return _("%(n)s %%") % {"n": f"{sign}{number(abs(percent))}"}


def duration(seconds: float | None) -> str:
    """A length of time in words, a dash where there is none."""
    return NOTHING if seconds is None else wording.span(seconds)


def short(kind: Kind, value: float | None) -> str:
    """As few signs as a small cell has room for: per cent without their sign, one unit of time; empty: nothing."""
    if value is None or (kind == "count" and not value):
        return ""
    if kind in {"share", "balance"}:
        return said(kind, value).removesuffix("%").strip()
    if kind == "seconds":
        for unit, seconds in ((_("d"), 86_400), (_("h"), 3600), (_("m"), 60)):
            if value >= 0.95 * seconds:
                return f"{number(round(value / seconds))}{unit}"
        return _("%(n)ss") % {"n": number(round(value))}
    return said(kind, value)


# What the signs of small cells mean, by the kind of figure.
IN_SHORT: Mapping[str, str | Promise] = {
    "share": gettext_lazy("In per cent."),
    "balance": gettext_lazy("In per cent, from −100 to +100."),
    "seconds": gettext_lazy("s: seconds, m: minutes, h: hours, d: days."),
}


def looked(as_of: datetime | None, *, at: datetime) -> str:
    """How old what networks told is, in a sentence; empty where none was asked."""
    if as_of is None:
        return ""
    return _("What networks told: its oldest part was looked at %(when)s.") % {"when": wording.ago(as_of, now=at)}


def money(amount: float | None, currency: str) -> str:
    """An amount without its cents, which no estimate has."""
    return NOTHING if amount is None else f"{number(round(amount))} {currency}".rstrip()


def raw(value: float | None) -> float | int | str:
    """A figure for a file: empty where there is none, and no more digits than it deserves."""
    if value is None:
        return ""
    return int(value) if value == int(value) else round(value, 4)
