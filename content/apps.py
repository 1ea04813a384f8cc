"""The app's place in Django."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Content, and who hears its news."""

    name = "content"
