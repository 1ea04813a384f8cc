"""Have an organization speak and listen on its practice field."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from listening.actions.sources import add_source
from listening.models import Channel, PracticeAccount, Source
from listening.practice_field import cast
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed


def is_open() -> bool:
    """Whether the active organization has an account on the field, and somebody who listens there, paused or not."""
    return PracticeAccount.objects.filter(is_ours=True).exists() and _sources().exists()


@allowed("listening.manage_sources")
@transaction.atomic
def open_field(organization: Organization, *, by: Member | None, at: datetime) -> None:
    """Give the organization an account to speak from, and listen to all that is said; what is there already stays."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if is_open():
        return
    account = PracticeAccount.objects.filter(is_ours=True).order_by("pk").first()
    if account is None:
        account = PracticeAccount.objects.create(handle=organization.slug[:60], name=organization.name, is_ours=True)
    known = {"handle": account.handle, "name": account.name}
    channel, _made = Channel.objects.get_or_create(network="practice", account_id=str(account.pk), defaults=known)
    if not _sources().exists():
        add_source(network="practice", place="everything", name=_("Practice field"), channel=channel, by=by, at=at)
    # Who has nobody else to speak as would talk to themselves, and never be heard.
    cast.people(organization)
    record("open_practice_field", organization, by=by, at=at)


def _sources() -> QuerySet[Source]:
    return Source.objects.filter(network="practice").exclude(state=Source.State.CLOSED)
