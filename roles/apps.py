"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RolesConfig(AppConfig):
    """Roles: who we are, who may do what."""

    name = "roles"

    def ready(self) -> None:
        """Learn the rules, and put the team's pages into the navigation."""
        from roles import rules  # noqa: F401
        from roles.navigation import Place, add_place

        for place in (
            Place("set-up", 70, _("Team"), "user-group", "roles:team", "roles.read"),
            Place("set-up", 75, _("Settings"), "cog-6-tooth", "roles:departments", "roles.read"),
            Place("set-up", 77, _("Business hours"), "clock", "roles:calendars", "roles.read"),
            Place("set-up", 80, _("Who may do what"), "table-cells", "roles:who_may_do_what", "roles.read"),
            Place("set-up", 85, _("E-mails"), "envelope", "roles:mails", "roles.manage_mail"),
            Place("set-up", 95, _("Glossary"), "book-open", "roles:glossary", "roles.read"),
            Place("set-up", 90, _("Audit log"), "clipboard-document-list", "roles:audit", "roles.read_audit"),
        ):
            add_place(place)
