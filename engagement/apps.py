"""The app's place in Django."""

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """Engagement, and who hears its news."""

    name = "engagement"

    def ready(self) -> None:
        from engagement import receivers, rules  # noqa: F401
