"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListeningConfig(AppConfig):
    """Listening, and who hears its news."""

    name = "listening"

    def ready(self) -> None:
        """Put the pages into the navigation."""
        from roles.navigation import Place, add_place

        queries = "listening:queries"
        for place in (
            Place("work", 10, _("Stream"), "queue-list", "listening:stream", "listening.triage"),
            Place("work", 60, _("Practice field"), "trophy", "listening:practice", "listening.practise"),
            Place("set-up", 10, _("Sources"), "rss", "listening:sources", "listening.read_sources"),
            Place("set-up", 20, _("Tracking queries"), "magnifying-glass", queries, "listening.read_sources"),
        ):
            add_place(place)
