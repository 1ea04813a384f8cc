"""Keep one organization's rows apart from another's, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models.sql import Query
from django.utils import timezone

if TYPE_CHECKING:
    from roles.models import Organization

_active: ContextVar[Organization | None] = ContextVar("active_organization", default=None)
_Row = TypeVar("_Row", bound=models.Model)


class NoActiveOrganization(RuntimeError):
    """Raised when owned rows are read outside any organization."""


@contextmanager
def acting_for(organization: Organization | None) -> Iterator[None]:
    """Run the block on behalf of one organization (or, with None, of nobody)."""
    token = _active.set(organization)
    try:
        yield
    finally:
        _active.reset(token)


@contextmanager
def answering_for(organization: Organization) -> Iterator[None]:
    """Act for an organization where somebody reads what comes of it: moments stand by its clock."""
    with acting_for(organization), timezone.override(organization.zone):
        yield


def active_organization() -> Organization:
    """Return the organization that the current request or task acts for."""
    organization = _active.get()
    if organization is None:
        raise NoActiveOrganization("Wrap the call in acting_for(organization).")
    return organization


def active_organization_id() -> int:
    """Return the key that a new owned row takes by default."""
    return active_organization().pk


class ActiveOrganizationId(models.Expression):
    """The active organization's key, filled in when the query runs."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "%s", (active_organization().pk,)


class OwnedQuerySet(models.QuerySet[_Row]):
    """Rows of the active organization; reads that have a name are added by subclasses."""

    def newest_first(self) -> Self:
        """Order by key, the newest first."""
        return self.order_by("-pk")


class OwnedManager(models.Manager[_Row]):
    """Reads only the active organization's rows; refuses when there is none."""

    def get_queryset(self) -> models.QuerySet[_Row]:
        found = super().get_queryset()
        found.query = _narrowed(self.model).chain()
        return found


@cache
def _narrowed(model: type[models.Model]) -> Query:
    # Which organization that is says the expression when the query runs; so it is put together once for each model.
    found: Query = models.QuerySet(model).filter(organization_id=ActiveOrganizationId()).query
    return found


class OrganizationField(models.ForeignKey):  # type: ignore[type-arg]
    """The key of the organization; migrations see a plain foreign key, for they act for nobody."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("default", None)
        return name, "django.db.models.ForeignKey", args, kwargs


class Owned(models.Model):
    """A row that belongs to exactly one organization."""

    organization = OrganizationField(
        "roles.Organization",
        models.CASCADE,
        default=active_organization_id,
        editable=False,
        related_name="+",
    )

    objects = OwnedManager.from_queryset(OwnedQuerySet)()
    everywhere = models.Manager()  # every organization's rows: for housekeeping only

    class Meta:
        abstract = True
        # Related look-ups go through the scoped manager too.
        base_manager_name = "objects"
        default_manager_name = "objects"


class OwnedInBulk(Owned):
    """A row of which there are very many: each index costs, and the organization stands first in others anyway."""

    organization = OrganizationField(
        "roles.Organization",
        models.CASCADE,
        default=active_organization_id,
        editable=False,
        related_name="+",
        db_index=False,
    )

    class Meta(Owned.Meta):
        abstract = True
