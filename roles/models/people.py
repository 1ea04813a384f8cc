"""People, and the positions they hold."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from roles.position_querysets import PositionQuerySet
from roles.querysets import MemberQuerySet
from roles.tenancy import Owned, OwnedManager
from roles.wording import listed


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user who signs in with this address, in lower case."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user who may do everything in the installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in; what they may do hangs on their memberships."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # In which Touchline speaks and writes to them; empty where their browser says it.
    language = models.CharField(_("language"), max_length=10, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    """A duty that a member holds, named as the field names it."""

    OWNER = "owner", _("Owner")
    COACH = "coach", _("Coach")
    GATHERER = "gatherer", _("Information gatherer")
    RESPONDER = "responder", _("Frontline responder")
    BOOTH = "booth", _("Booth stakeholder")
    EXECUTIVE = "executive", _("Executive")


class Member(Owned):
    """A user in an organization."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    is_active = models.BooleanField(_("active"), default=True)
    is_away = models.BooleanField(_("away"), default=False)
    away_until = models.DateTimeField(_("away until"), null=True, blank=True)
    # Who gets meanwhile what would have gone to them.
    stand_in = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("stands in")
    )
    # Whom a warning reaches first.
    is_on_call = models.BooleanField(_("on call"), default=False, db_default=False)
    # Until this day somebody else sees what they write before it goes out, as far as a policy says so.
    training_until = models.DateField(_("in training until"), null=True, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = OwnedManager.from_queryset(MemberQuerySet)()  # type: ignore[assignment,misc]
    # Who really sits there, while somebody acts as this member, and until when at most.
    acted_by: Member | None = None
    acts_until: datetime | None = None
    # Which of the first steps are done, as they were found when this object was asked.
    first_steps: dict[str, bool] | None = None

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="member_once")]

    def __str__(self) -> str:
        return str(self.user)

    @cached_property
    def held_positions(self) -> list[Position]:
        """The member's positions that have not ended, read once per object."""
        return list(self.positions.in_force().select_related("department", "custom_role"))

    @property
    def roles(self) -> frozenset[Role]:
        """All built-in roles that the member holds in any department."""
        return self.roles_in(None)

    def roles_in(self, department_id: int | None) -> frozenset[Role]:
        """The built-in roles that count for a department: those held there, above it, or for the whole organization."""
        return frozenset(
            Role(position.role) for position in self.held_positions if position.role and position.reaches(department_id)
        )

    def holds(self, capability: str, department_id: int | None = None) -> bool:
        """Whether a position that counts for the department, or, with none named, any position, has the capability."""
        return any(position.carries(capability) and position.reaches(department_id) for position in self.held_positions)

    @property
    def composed(self) -> frozenset[str]:
        """What the member may do by roles that the organization composed itself."""
        roles = (position.custom_role for position in self.held_positions if position.custom_role_id is not None)
        return frozenset(name for role in roles if role is not None for name in role.capabilities)

    @property
    def reach(self) -> frozenset[int | None]:
        """The departments in which the member's positions count; None stands for all of them."""
        return frozenset(key for position in self.held_positions for key in position.reach)

    def is_in_training(self, day: date) -> bool:
        """Whether the member is still learning on this day of the organization."""
        return self.training_until is not None and day <= self.training_until

    def is_available(self, at: datetime) -> bool:
        """Whether work may be given to the member at this moment."""
        return self.is_active and not (self.is_away and (self.away_until is None or self.away_until > at))

    def is_here(self, at: datetime) -> bool:
        """Whether work comes to the member by itself at this moment: not away, and an hour in which they answer."""
        if not self.is_available(at):
            return False
        blocks = [block for block in self.time_blocks.all() if block.is_for_answering]
        return not blocks or any(block.covers(at) for block in blocks)


class Position(Owned):
    """What a member does in a department, or, without one, in the whole organization."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="positions")
    department = models.ForeignKey("roles.Department", models.CASCADE, null=True, blank=True, related_name="positions")
    # One of the two: a built-in role, or one that the organization composed itself.
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)
    custom_role = models.ForeignKey(
        "roles.CustomRole", models.PROTECT, null=True, blank=True, related_name="positions", verbose_name=_("role")
    )
    skills = ArrayField(models.CharField(max_length=40), verbose_name=_("skills"), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=10), verbose_name=_("languages"), default=list, blank=True)
    capacity = models.PositiveIntegerField(
        _("capacity"), default=20, help_text=_("How many open assignments this person can carry.")
    )
    # A group of the organization's identity provider gave it, and takes it again.
    is_of_group = models.BooleanField(default=False, editable=False)
    # From this moment on it counts no more; the sweep takes it away within a minute.
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedManager.from_queryset(PositionQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["member", "department", "role", "custom_role"], name="position_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values, custom_role=None)
                | models.Q(role="", custom_role__isnull=False),
                name="position_role",
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="position_ends", condition=models.Q(ends_at__isnull=False)),
        ]

    def __str__(self) -> str:
        where = str(self.department) if self.department else str(_("whole organization"))
        return listed([self.title, where])

    @property
    def title(self) -> str:
        """What the role is called."""
        return str(self.custom_role) if self.custom_role_id is not None else self.get_role_display()

    @property
    def reach(self) -> frozenset[int | None]:
        """The departments in which it counts: its own and those below; None stands for all of them."""
        if self.department is None:
            return frozenset({None})
        return frozenset({self.department_id, *self.department.below})

    def reaches(self, department_id: int | None) -> bool:
        """Whether it counts in this department; where none is asked about, it does."""
        if department_id is None or self.department_id is None or self.department_id == department_id:
            return True
        return self.department is not None and department_id in self.department.below

    def carries(self, capability: str) -> bool:
        """Whether its role has the capability."""
        if self.custom_role is not None:
            return capability in self.custom_role.capabilities
        from roles.permissions import CAPABILITIES

        return self.role in CAPABILITIES[capability]
