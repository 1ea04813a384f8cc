"""The app's place in Django."""

from django.apps import AppConfig


class RolesConfig(AppConfig):
    """Roles, and who hears its news."""

    name = "roles"
