"""The app's place in Django."""

from django.apps import AppConfig


class MaturityConfig(AppConfig):
    """Maturity, and who hears its news."""

    name = "maturity"
