"""The places of this app in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from maturity.beside import guidelines_news
from roles.navigation import PEOPLE, STRATEGY, Place

PLACES = [
    Place(STRATEGY, 10, _("Playbook"), "book-open", "maturity:playbook", "maturity.read"),
    Place(
        STRATEGY, 20, _("Strategy and goals"), "map", "maturity:strategy", "maturity.read",
        also=("maturity:add_goal", "maturity:change_goal"),
    ),
    Place(STRATEGY, 30, _("Guidelines"), "document-text", "maturity:guidelines", "maturity.read", guidelines_news),
    Place(STRATEGY, 40, _("Presences"), "map-pin", "maturity:presences", "maturity.read"),
    Place(STRATEGY, 50, _("Huddle"), "chat-bubble-oval-left-ellipsis", "maturity:huddle", "maturity.read_huddle"),
    Place(STRATEGY, 60, _("Standing duties"), "clipboard-document-list", "maturity:duties", "maturity.read_duties"),
    Place(
        PEOPLE, 30, _("Training"), "academic-cap", "maturity:training", "maturity.read",
        also=("maturity:drills", "maturity:drill", "maturity:write_drill"),
    ),
    Place(PEOPLE, 50, _("Experts"), "sparkles", "maturity:experts", "maturity.read", also=("maturity:name_expert",)),
    Place(PEOPLE, 60, _("Time budget"), "banknotes", "maturity:budget", "maturity.read_budget"),
    Place(PEOPLE, 70, _("Staffing"), "users", "maturity:staffing", "maturity.plan_staffing"),
    Place(PEOPLE, 80, _("Surge plans"), "bolt", "maturity:surges", "maturity.read_surges"),
    Place(PEOPLE, 90, _("My cadence"), "calendar", "maturity:cadence", "maturity.keep_cadence"),
    Place(PEOPLE, 100, _("My time"), "clock", "maturity:my_time", "maturity.enter_time"),
]  # fmt: skip
