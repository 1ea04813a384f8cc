"""The app's place in Django."""

from django.apps import AppConfig


class ListeningConfig(AppConfig):
    """Listening, and who hears its news."""

    name = "listening"
