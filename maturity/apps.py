"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MaturityConfig(AppConfig):
    """Maturity: where we stand."""

    name = "maturity"

    def ready(self) -> None:
        """Put the playbook into the navigation, and its verbs into words."""
        from roles.navigation import Place, add_place
        from roles.sentences import say

        add_place(Place("strategy", 50, _("Playbook"), "book-open", "maturity:playbook", "maturity.read"))
        say({"set_level": _("%(by)s set the level of %(subject)s")})
