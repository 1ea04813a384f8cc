"""Lists of what waits for somebody's yes, in tabs and page by page: replies here, pieces in the app above."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from roles.keys import key_in
from roles.respond import MemberRequest

PER_PAGE = 20
TABS = {
    "asked": _("You are asked"),
    "mine": _("You wait"),
    "all": _("All that wait"),
    "ended": _("Decided"),
}


def tab_in(request: MemberRequest) -> str:
    """Return which list is looked at; without a word about it what the member is asked."""
    tab = request.GET.get("tab", "")
    return tab if tab in TABS else "asked"


def listed(request: MemberRequest, rows: Any, *, here: str, asked: int | str) -> tuple[list[Any], dict[str, Any]]:
    """Return a page of rows, what waits longest or was decided last first, and the tabs around it.

    `here` is the address of the lists; `asked` says how many wait for the member.
    """
    tab = tab_in(request)
    newest_first = tab == "ended"
    if after := key_in(request.GET.get("after", "")):
        rows = rows.filter(pk__lt=after) if newest_first else rows.filter(pk__gt=after)
    found = list(rows.with_everything().order_by("-pk" if newest_first else "pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    last = shown[-1].pk if len(found) > PER_PAGE else None
    return shown, {
        "tab": tab,
        "tabs": [
            {"url": f"{here}?{urlencode({'tab': name})}", "label": label, "current": name == tab,
             "count": asked if name == "asked" else None}
            for name, label in TABS.items()
        ],
        "next_url": f"{here}?{urlencode({'tab': tab, 'after': last})}" if last else "",
    }  # fmt: skip
