"""Say yes to guidelines, and remind those who have not yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from maturity.actions.training import finish_what_is_done
from maturity.models import Acknowledgement, GuidelineSection, GuidelineVersion, ReadingReminder, Training
from maturity.reading import readers
from roles.actions.mail import write_mail
from roles.audit import record_many
from roles.links import inside_address
from roles.models import Member, Organization
from roles.permissions import allowed
from roles.speaking import in_words_for
from roles.tenancy import active_organization

# Whoever is asked has three days, then a mail a week, three times; after that it is for their coach to ask.
FIRST_AFTER, AGAIN_AFTER, MOST_SENT = timedelta(days=3), timedelta(days=7), 3


@allowed("maturity.acknowledge")
@transaction.atomic
def acknowledge_guidelines(
    organization: Organization, /, *, versions: Iterable[GuidelineVersion], by: Member, at: datetime
) -> int:
    """Say yes to what was read, version by version; returns to how many it was new."""
    Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    wanted = {version.pk: version for version in versions}
    said = set(Acknowledgement.objects.filter(member=by, version__in=wanted).values_list("version", flat=True))
    fresh = [
        Acknowledgement(version=version, member=by, acknowledged_at=at)
        for key, version in wanted.items()
        if key not in said
    ]
    Acknowledgement.objects.bulk_create(fresh)
    record_many("acknowledge_guidelines", [row.version for row in fresh], by=by, at=at)
    if not GuidelineSection.objects.unread_by(by).exists():
        ReadingReminder.objects.filter(member=by).delete()
    finish_what_is_done(list(Training.objects.running().of(by).values_list("pk", flat=True)), at=at)
    return len(fresh)


def remind_readers(*, at: datetime) -> int:
    """Write to those of the active organization who have long been asked for a yes; returns to how many.

    The rows say who is written to when. They are made and removed here, so nobody has to remember it elsewhere: a
    person who joins, a section that is taken up again, a yes that came by the API.
    """
    missing = {reader.member.pk for reader in readers() if reader.missing}
    ReadingReminder.objects.exclude(member__in=missing).delete()
    known = set(ReadingReminder.objects.values_list("member", flat=True))
    fresh = [ReadingReminder(member_id=key, due_at=at + FIRST_AFTER) for key in sorted(missing - known)]
    ReadingReminder.objects.bulk_create(fresh, ignore_conflicts=True)
    due = ReadingReminder.objects.filter(due_at__lte=at).order_by("due_at", "pk")
    return sum(_remind(key, at=at) for key in list(due.values_list("pk", flat=True)))


@transaction.atomic
def _remind(key: int, *, at: datetime) -> bool:
    rows = ReadingReminder.objects.select_for_update(skip_locked=True, of=("self",)).select_related("member__user")
    row = rows.filter(pk=key, due_at__lte=at).first()
    if row is None or not row.member.is_available(at):  # another worker writes, or nobody would read it
        return False
    sections = list(GuidelineSection.objects.unread_by(row.member))
    if not sections:
        row.delete()
        return False
    with in_words_for(row.member):
        write_mail(
            row.member,
            key=f"reading {row.pk} {row.sent}",
            kind="guidelines",
            subject=_("%(organization)s asks you to read its guidelines") % {"organization": active_organization()},
            template="maturity/mail/reading",
            context={
                "sections": sections,
                "action_url": inside_address("maturity:guidelines"),
                "action_label": _("Read them"),
            },
            at=at,
        )
    row.sent, row.sent_at = row.sent + 1, at
    row.due_at = at + AGAIN_AFTER if row.sent < MOST_SENT else None
    row.save(update_fields=["sent", "sent_at", "due_at"])
    return True
