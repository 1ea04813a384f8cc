"""Response targets as people write and read them: “4 h”, “First response within 4 hours, in business hours”."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from engagement.models import PromiseKind, ResponseTarget
from roles import wording

_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*(h|hours?|min|minutes?|m)?\.?(?:\s+|$)")


def read_minutes(text: str) -> int | None:
    """Read “90”, “90 min”, “1.5 h” or “1 h 30 min” as minutes; None where nothing is said.

    Days are not read: in business hours nobody could tell how long one is.
    """
    said = text.strip().lower()
    if not said:
        return None
    minutes, place = 0.0, 0
    while place < len(said):
        found = _PART.match(said, place)
        if found is None:
            raise ValidationError(
                _("“%(text)s” cannot be read as a time. Write minutes or hours, such as 90 min or 4 h.")
                % {"text": text}
            )
        number, unit = float(found.group(1).replace(",", ".")), found.group(2) or "m"
        minutes += number * 60 if unit.startswith("h") else number
        place = found.end()
    return round(minutes)


def written(minutes: int) -> str:
    """A time as `read_minutes` reads it, in hours and minutes: a day is another length in business hours."""
    hours, rest = divmod(minutes, 60)
    said = wording.patterns()
    parts = [said["hours"] % {"n": hours}] if hours else []
    parts += [said["minutes"] % {"n": rest}] if rest or not hours else []
    return " ".join(parts)


def promised_in_words(target: ResponseTarget) -> list[str]:
    """What a target promises, each in a few words."""
    return [
        _("%(what)s within %(time)s") % {"what": PromiseKind(kind).label, "time": wording.spoken(minutes)}
        for kind in PromiseKind.values
        if (minutes := getattr(target, f"{kind}_minutes")) is not None
    ]


def applies_in_words(target: ResponseTarget) -> str:
    """To which assignments it applies."""
    if not target.is_default:
        return _("Where a routing rule names it")
    if target.department is None and target.priority is None:
        return _("To everything for which nothing nearer applies")
    named = [str(target.department)] if target.department else []
    named += [str(target.get_priority_display())] if target.priority else []
    return _("To %(what)s") % {"what": wording.listed(named)}


def counted_in_words(target: ResponseTarget) -> str:
    """How it counts, when it warns, and for whom its clock stands still."""
    parts = [_("In business hours") if target.in_business_hours else _("Around the clock")]
    parts.append(_("warns at %(percent)s %%") % {"percent": target.warn_at_percent})
    stops = {
        (True, True): _("stops while the booth or the author is waited for"),
        (True, False): _("stops while the booth is waited for"),
        (False, True): _("stops while the author is waited for"),
        (False, False): _("never stops"),
    }
    return wording.sentence(wording.listed([*parts, stops[target.pauses_for_consult, target.pauses_for_author]]))
