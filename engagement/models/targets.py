"""By when we answer: response targets, what they promise of each assignment, and what became of that."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.models.rules import Priority
from engagement.target_querysets import PromiseQuerySet, ResponseTargetQuerySet, TargetEventQuerySet
from roles.tenancy import Owned, OwnedInBulk, OwnedManager


class PromiseKind(models.TextChoices):
    """What is promised."""

    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_RESPONSE = "next_response", _("Next response")
    RESOLUTION = "resolution", _("Resolution")


class ResponseTarget(Owned):
    """Within what time an author has a first answer, each next one, and a solution; an empty time promises nothing."""

    name = models.CharField(_("name"), max_length=80)
    first_response_minutes = models.PositiveIntegerField(_("first response within (minutes)"), null=True, blank=True)
    next_response_minutes = models.PositiveIntegerField(_("next response within (minutes)"), null=True, blank=True)
    resolution_minutes = models.PositiveIntegerField(_("resolution within (minutes)"), null=True, blank=True)
    in_business_hours = models.BooleanField(_("count business hours only"), default=True)
    warn_at_percent = models.PositiveSmallIntegerField(_("warn when this much of the time has gone (%)"), default=75)
    pauses_for_consult = models.BooleanField(_("stops while a consult is awaited"), default=True)
    pauses_for_author = models.BooleanField(_("stops while the author is awaited"), default=True)

    # What it applies to where no routing rule names a target: a default without department and priority is for all.
    is_default = models.BooleanField(_("applies where no rule names a target"), default=False)
    department = models.ForeignKey(
        "roles.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, null=True, blank=True)
    created_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(ResponseTargetQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="response_target_name_once",
                violation_error_message=_("There is a response target with this name already."),
            ),
            models.UniqueConstraint(
                fields=["organization", "department", "priority"],
                name="response_target_one_default",
                condition=models.Q(is_default=True),
                nulls_distinct=False,
                violation_error_message=_("Another target applies to these assignments already."),
            ),
            models.CheckConstraint(
                condition=models.Q(warn_at_percent__gte=1, warn_at_percent__lte=99), name="response_target_warns"
            ),
            models.CheckConstraint(
                condition=models.Q(first_response_minutes__isnull=False)
                | models.Q(next_response_minutes__isnull=False)
                | models.Q(resolution_minutes__isnull=False),
                name="response_target_promises",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Promise(OwnedInBulk):
    """One time that runs, or ran, for an assignment: within how many minutes, and when that is over."""

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="promises", db_index=False)
    kind = models.CharField(max_length=14, choices=PromiseKind)
    # The how-manieth of its kind: each time the author writes again there is a new next response.
    number = models.PositiveIntegerField(default=1)
    minutes = models.PositiveIntegerField()
    # As it was promised; without a calendar it is that of the department.
    in_business_hours = models.BooleanField()
    calendar = models.ForeignKey("roles.Calendar", models.SET_NULL, null=True, related_name="+", db_index=False)
    warn_at_percent = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    # Counted by the clock, anew whenever a pause ends or the calendar changes.
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    counted_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    # How long that took in business hours of the department, as they were then.
    kept_in_seconds = models.PositiveIntegerField(null=True)
    # When it ended without being kept: nothing was needed any more.
    ended_at = models.DateTimeField(null=True)
    # When the sweep looks at it next: at the warning, then at the miss; empty while it stands still, and at the end.
    next_look_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(PromiseQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "kind", "number"], name="promise_once"),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], name="promise_look", condition=models.Q(next_look_at__isnull=False)),
            models.Index(
                fields=["calendar", "counted_at"],
                name="promise_counted",
                condition=models.Q(kept_at=None, ended_at=None, in_business_hours=True),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def runs(self) -> bool:
        """Whether it is neither kept nor at its end."""
        return self.kept_at is None and self.ended_at is None


class Pause(Owned):
    """A stretch in which an assignment's clock may stand still: somebody else is waited for, or it was resolved."""

    class Why(models.TextChoices):
        CONSULT = "consult", _("Waiting for the booth")
        AUTHOR = "author", _("Waiting for the author")
        RESOLVED = "resolved", _("Was resolved")

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="pauses")
    why = models.CharField(max_length=8, choices=Why)
    # Whom or what is waited for, such as “consult 12”: several may be waited for at once.
    about = models.CharField(max_length=120, blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "why", "about"], name="pause_once", condition=models.Q(ended_at=None)
            ),
        ]
        indexes = [models.Index(fields=["assignment", "started_at"], name="pause_of_assignment")]

    def __str__(self) -> str:
        return self.get_why_display()


class TargetEvent(Owned):
    """A warning that a promise is about to be broken, or the miss: written once, whatever dies in between."""

    class Kind(models.TextChoices):
        WARNING = "warning", _("Warning")
        MISS = "miss", _("Missed")

    assignment = models.ForeignKey("engagement.Assignment", models.CASCADE, related_name="target_events")
    promise = models.ForeignKey(Promise, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=7, choices=Kind)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    # Who had it then.
    department = models.ForeignKey("roles.Department", models.PROTECT, related_name="+")
    member = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")
    # Empty until those whom it concerns have been written to.
    told_at = models.DateTimeField(null=True)

    objects = OwnedManager.from_queryset(TargetEventQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["assignment", "promise", "kind"], name="target_event_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "kind", "-id"], name="target_event_newest"),
            models.Index(
                fields=["organization", "id"], name="target_event_untold", condition=models.Q(told_at=None, kind="miss")
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
