"""Names are one line: they stand in lists, subjects of mails, files and the log."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy

# What begins a line or rings a bell. Marks of direction stay: names in scripts that need them are copied with theirs.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
NO_LINE = gettext_lazy("A name is one line of letters that can be seen: type it anew.")


def is_one_line(name: object) -> bool:
    """Whether a name, if it is one, holds nothing that begins another line or cannot be seen."""
    return not (isinstance(name, str) and UNSEEN.search(name.strip()))


def one_line(name: str) -> str:
    """Return a name without what cannot be seen, such as that of a cell in which somebody began a line."""
    return " ".join(UNSEEN.sub(" ", name).split()) if UNSEEN.search(name) else name
