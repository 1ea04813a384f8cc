"""When people are there to answer: calendars of opening hours and holidays."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from roles.calendar_querysets import CalendarQuerySet, HolidayQuerySet
from roles.tenancy import Owned, OwnedManager

DAY_MINUTES = 24 * 60


class Weekday(models.IntegerChoices):
    """A day of the week, Monday first."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


def _known_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_now("There is no time zone of this name."))


class Calendar(Owned):
    """Business hours: the opening hours of a week in a time zone, and the holidays on which it is otherwise."""

    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[_known_zone])
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField()
    # When its hours or holidays were last another; what was counted before that is counted anew.
    changed_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(CalendarQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("name"),
                name="calendar_name_once",
                violation_error_message=_("There is a calendar with this name already."),
            ),
            models.UniqueConstraint(
                fields=["organization"], name="calendar_one_default", condition=models.Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OpenHours(Owned):
    """A span of a weekday in which somebody is there, in minutes from its midnight; it may last into the next day."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="open_hours")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.PositiveSmallIntegerField(_("opens"))
    closes = models.PositiveSmallIntegerField(_("closes"))

    class Meta(Owned.Meta):
        verbose_name = _("open hours")
        verbose_name_plural = _("open hours")
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="open_hours_once"),
            models.CheckConstraint(
                condition=models.Q(weekday__lte=6, opens__lt=DAY_MINUTES, closes__gt=models.F("opens"))
                & models.Q(closes__lte=models.F("opens") + DAY_MINUTES),
                name="open_hours_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens // 60:02}:{self.opens % 60:02}"


class Holiday(Owned):
    """A day that is not as its weekday: closed, or open for the hours that it states instead."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="holidays")
    name = models.CharField(_("name"), max_length=200)
    day = models.DateField(_("day"))
    is_yearly = models.BooleanField(_("every year"), default=False)
    # Both or none: with none it is closed.
    opens = models.PositiveSmallIntegerField(_("opens"), null=True, blank=True)
    closes = models.PositiveSmallIntegerField(_("closes"), null=True, blank=True)
    # Of an imported one: by what the file calls it. A file that is imported again changes it, and doubles nothing.
    uid = models.CharField(max_length=255, blank=True, default="")

    objects = OwnedManager.from_queryset(HolidayQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day", "uid"],
                name="holiday_once",
                violation_error_message=_("This day is a holiday already."),
            ),
            models.CheckConstraint(
                condition=models.Q(opens=None, closes=None)
                | models.Q(
                    opens__lt=DAY_MINUTES, closes__gt=models.F("opens"), closes__lte=models.F("opens") + DAY_MINUTES
                ),
                name="holiday_hours_within_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name
