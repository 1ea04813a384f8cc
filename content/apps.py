"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    """Content: what we say ourselves."""

    name = "content"

    def ready(self) -> None:
        """Put the content room into the navigation."""
        from roles.navigation import Place, add_place

        add_place(Place("strategy", 55, _("Content"), "calendar-days", "content:content", "content.read"))
