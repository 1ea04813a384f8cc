"""The app's place in Django."""

from django.apps import AppConfig


class MeasurementConfig(AppConfig):
    """Measurement, and who hears its news."""

    name = "measurement"

    def ready(self) -> None:
        from measurement import receivers, rules  # noqa: F401
