"""Whether a query is so wide that its finds drown those who read them, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from roles import wording

# A query is wide from so many posts a day, or from so many if they are this share of everything that came in; unless
# most of what was decided about them was relevant.
MANY_A_DAY = 500
SOME_A_DAY = 50
LARGE_SHARE = 0.2
DECIDED_ENOUGH = 20
WORTH_IT = 0.5


@dataclass(frozen=True, slots=True)
class Width:
    """How much a query finds, and how much of that was relevant, so far as it was decided."""

    share: float
    a_day: float
    relevant: float | None = None
    decided: int = 0

    @property
    def is_wide(self) -> bool:
        """Whether it is named before it is saved, and afterwards."""
        if self.decided >= DECIDED_ENOUGH and self.relevant is not None and self.relevant >= WORTH_IT:
            return False
        return self.a_day >= MANY_A_DAY or (self.a_day >= SOME_A_DAY and self.share >= LARGE_SHARE)

    def in_words(self) -> str:
        """One sentence with the figures."""
        number = round(self.a_day)
        said = ngettext(
            "It matches {share} of everything that came in, about {count} a day",
            "It matches {share} of everything that came in, about {count} a day",
            number,
        ).format(share=percent(self.share), count=wording.number(number))
        if self.relevant is None:
            return f"{said}."
        form = _("{said}; of what was decided, {relevant} was relevant.")
        return form.format(said=said, relevant=percent(self.relevant))


def percent(share: float) -> str:
    """A share as people write it."""
    return "<1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")
