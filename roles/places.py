"""Where the team's pages stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from roles.navigation import HOUSE, PEOPLE, Place

PLACES = (
    Place(PEOPLE, 10, _("Team"), "user-group", "roles:team", "roles.read", also=("engagement:hand_over",)),
    Place(PEOPLE, 20, _("Business hours"), "clock", "roles:calendars", "roles.read"),
    Place(PEOPLE, 30, _("Who may do what"), "table-cells", "roles:who_may_do_what", "roles.read"),
    Place(HOUSE, 10, _("Settings"), "cog-6-tooth", "roles:departments", "roles.read"),
    Place(HOUSE, 20, _("E-mails"), "envelope", "roles:mails", "roles.manage_mail"),
    Place(HOUSE, 30, _("Audit log"), "clipboard-document-list", "roles:audit", "roles.read_audit"),
    Place(HOUSE, 40, _("Glossary"), "book-open", "roles:glossary", "roles.read"),
)
