"""Steps of saying yes: whom a policy names, and who is asked for one thing; apps above make rows of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.models.people import Role
from roles.tenancy import Owned


class Needs(models.TextChoices):
    """How many of those who are named must approve."""

    ANY = "any", _("any of them")
    ALL = "all", _("each of them")


class NamedStep(Owned):
    """One step of a policy: who is asked, and how many of them must say yes."""

    number = models.PositiveSmallIntegerField()
    needs = models.CharField(_("needs"), max_length=3, choices=Needs, default=Needs.ANY)
    roles = ArrayField(models.CharField(max_length=12, choices=Role), default=list, blank=True)
    member_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)

    class Meta(Owned.Meta):
        abstract = True
        ordering = ["number"]


class AskedStep(Owned):
    """One step on the way of one thing: who is asked for it, and how it ended."""

    class State(models.TextChoices):
        LATER = "later", _("Not yet asked")
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    number = models.PositiveSmallIntegerField()
    policy_name = models.CharField(max_length=120, blank=True)
    needs = models.CharField(max_length=3, choices=Needs, default=Needs.ANY)
    roles = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    member_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # Who is meant, whoever is asked in their place now: it comes back when an absence ends or changes.
    roles_meant = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    member_ids_meant = ArrayField(models.BigIntegerField(), default=list, blank=True)
    # Who stands in, by what is meant: the key of a person, or the name of a role.
    instead = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.LATER)
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        abstract = True
