"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EngagementConfig(AppConfig):
    """Engagement, and who hears its news."""

    name = "engagement"

    def ready(self) -> None:
        """Hear the news from below, learn the rules, and put the pages into the navigation."""
        from engagement import receivers, rules  # noqa: F401
        from roles.navigation import Place, add_place

        add_place(Place("work", 20, _("Queue"), "inbox", "engagement:queue", "engagement.read"))
        add_place(
            Place("set-up", 30, _("Routing rules"), "arrows-right-left", "engagement:rules", "engagement.read_rules")
        )
