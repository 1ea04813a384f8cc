"""The app's place in Django."""

from django.apps import AppConfig


class RolesConfig(AppConfig):
    """Roles: who we are, who may do what."""

    name = "roles"

    def ready(self) -> None:
        """Learn the rules, and put the team's pages into the navigation."""
        from roles import rules  # noqa: F401
        from roles.navigation import add_places
        from roles.places import PLACES

        add_places(PLACES)
