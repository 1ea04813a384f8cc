"""Figures of practices as people say them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from measurement.saying import number, share


def said(figure: float | None, unit: str) -> str:
    """A figure with its unit; in words where there was nothing to judge by."""
    if figure is None:
        return _("nothing to judge by")
    if unit == "share":
        return share(figure)
    return _in_units(round(figure), unit) % {"n": number(round(figure))}


def needed(threshold: float, unit: str, *, at_most: bool) -> str:
    """From which figure on a practice holds."""
    bound = _("at most %(figure)s") if at_most else _("at least %(figure)s")
    return bound % {"figure": said(threshold, unit)}


def _in_units(n: int, unit: str) -> str:
    words = {
        "people": ngettext("%(n)s person", "%(n)s people", n),
        "queries": ngettext("%(n)s query", "%(n)s queries", n),
        "mentions": ngettext("%(n)s mention", "%(n)s mentions", n),
        "insights": ngettext("%(n)s insight", "%(n)s insights", n),
        "targets": ngettext("%(n)s target", "%(n)s targets", n),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", n),
        "saved replies": ngettext("%(n)s saved reply", "%(n)s saved replies", n),
        "conversations": ngettext("%(n)s conversation", "%(n)s conversations", n),
        "ideas": ngettext("%(n)s idea", "%(n)s ideas", n),
    }
    return words[unit]
