"""Where the team's pages stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from roles.models import Member
from roles.navigation import HOUSE, PEOPLE, Place
from roles.setting_up import open_steps
from roles.tenancy import active_organization


def steps_left(member: Member) -> str:
    """How many of the first steps are open, until the list is put away."""
    if active_organization().set_up_ended_at is not None:
        return ""
    return str(open_steps(member) or "")


PLACES = (
    Place(PEOPLE, 10, _("Team"), "user-group", "roles:team", "roles.read", also=("engagement:hand_over",)),
    Place(PEOPLE, 15, _("Business hours"), "clock", "roles:calendars", "roles.read"),
    Place(PEOPLE, 20, _("Who may do what"), "table-cells", "roles:who_may_do_what", "roles.read"),
    Place(HOUSE, 5, _("First steps"), "rocket-launch", "roles:set_up", "roles.set_up", steps_left),
    Place(HOUSE, 10, _("Settings"), "cog-6-tooth", "roles:departments", "roles.read"),
    Place(HOUSE, 15, _("Signing in"), "key", "roles:sign_in", "roles.manage_sign_in"),
    Place(HOUSE, 20, _("E-mails"), "envelope", "roles:mails", "roles.manage_mail"),
    Place(HOUSE, 30, _("Audit log"), "clipboard-document-list", "roles:audit", "roles.read_audit"),
    Place(HOUSE, 40, _("Glossary"), "book-open", "roles:glossary", "roles.read"),
)
