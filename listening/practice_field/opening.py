"""Have an organization speak and listen on its practice field."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
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
    """Give the organization an account to speak from, and listen to all that is said; what is there already stays.

    Raises ValidationError where its account was switched off, or the field cannot be listened to.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if is_open():
        return
    account = PracticeAccount.objects.filter(is_ours=True).order_by("pk").first()
    if account is None:
        handle = _free_handle(organization.slug)
        account = PracticeAccount.objects.create(handle=handle, name=organization.name, is_ours=True)
    known = {"handle": account.handle, "name": account.name}
    channel, _made = Channel.objects.get_or_create(network="practice", account_id=str(account.pk), defaults=known)
    if not channel.is_active:
        raise ValidationError(
            _("Your account on the practice field, @%(handle)s, is switched off: nothing could be answered there.")
            % {"handle": channel.handle}
        )
    if not _sources().exists():
        add_source(network="practice", place="everything", name=_("Practice field"), channel=channel, by=by, at=at)
    # Who has nobody else to speak as would talk to themselves, and never be heard.
    cast.people(organization)
    record("open_practice_field", organization, by=by, at=at)


def _free_handle(wanted: str) -> str:
    """The organization's name for itself there, unless somebody of the field is called so; then with a number."""
    taken = {*cast.PEOPLE, *PracticeAccount.objects.values_list("handle", flat=True)}
    names = (wanted[:60], *(f"{wanted[:57]}_{number}" for number in range(2, 100)))
    return next(name for name in names if name not in taken)


def _sources() -> QuerySet[Source]:
    return Source.objects.filter(network="practice").exclude(state=Source.State.CLOSED)
