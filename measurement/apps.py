"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasurementConfig(AppConfig):
    """Measurement, who hears its news, and its place in the navigation."""

    name = "measurement"

    def ready(self) -> None:
        from measurement import receivers, rules  # noqa: F401
        from roles.activities import Activity, spend
        from roles.navigation import EVERY_DAY, Place, add_places

        add_places([Place(EVERY_DAY, 30, _("Measure"), "chart-bar", "measurement:executive", "measurement.read")])
        spend({"measure": Activity.MEASURING})
