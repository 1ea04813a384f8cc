"""Tell the other coaches, take it back, choose whether one gets the digest, and send it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listening.briefs import next_moment
from listening.models import Mention
from maturity.models import HuddleDigest, HuddleEntry, HuddleReader
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address
from roles.models import Department, Member, Organization
from roles.permissions import allowed
from roles.speaking import in_words_for
from roles.tenancy import active_organization

LONGEST = 2000
# Mondays at eight, by the organization's clock.
WEEKDAY, HOUR = 0, time(8)
MOST_IN_MAIL = 50
# What is being written while a digest is made goes into the next one.
STILL_WRITING = timedelta(minutes=1)


@allowed("maturity.note_in_huddle")
@transaction.atomic
def note_in_huddle(
    organization: Organization, /, *, kind: str, text: str, department: Department | None = None,
    mention: Mention | None = None, by: Member | None, at: datetime,
) -> HuddleEntry:  # fmt: skip
    """Bring something back to the other coaches."""
    text = text.replace("\r\n", "\n").strip()
    if kind not in HuddleEntry.Kind.values:
        raise ValidationError({"kind": _("Say what kind of thing it is.")})
    if not text or len(text) > LONGEST:
        raise ValidationError({"text": _("Say it in at most %(n)s characters.") % {"n": LONGEST}})
    row = HuddleEntry.objects.create(
        kind=kind, text=text, department=department, mention=mention, noted_at=at, noted_by=by
    )
    after = {"kind": kind, "department": str(department or ""), "mention": mention.pk if mention else None}
    record("note_in_huddle", row, by=by, at=at, after=after)
    return row


@allowed("maturity.note_in_huddle")
@transaction.atomic
def withdraw_from_huddle(entry: HuddleEntry, /, *, by: Member | None, at: datetime) -> HuddleEntry:
    """Take back what one has noted."""
    row = HuddleEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if row.withdrawn_at is None:
        row.withdrawn_at = at
        row.save(update_fields=["withdrawn_at"])
        record("withdraw_from_huddle", row, by=by, at=at)
    return row


@allowed("maturity.note_in_huddle")
@transaction.atomic
def put_back_in_huddle(entry: HuddleEntry, /, *, by: Member | None, at: datetime) -> HuddleEntry:
    """Let what one has taken back stand again."""
    row = HuddleEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if row.withdrawn_at is not None:
        row.withdrawn_at = None
        row.save(update_fields=["withdrawn_at"])
        record("put_back_in_huddle", row, by=by, at=at)
    return row


@allowed("maturity.read_huddle")
@transaction.atomic
def choose_digest(organization: Organization, /, *, wants_it: bool, by: Member, at: datetime) -> None:
    """Say whether one wants the weekly digest by e-mail."""
    HuddleReader.objects.update_or_create(member=by, defaults={"wants_it": wants_it})
    record("choose_digest", organization, by=by, at=at, after={"wants_it": wants_it})


@transaction.atomic
def send_due_digest(*, at: datetime) -> int:
    """Send the digest of the active organization if its time has come, once; returns to how many it went.

    Where there is no row yet the first look makes it, so the first digest comes on the Monday after the first entry.
    A quiet week sends nothing.
    """
    row = HuddleDigest.objects.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        if HuddleEntry.objects.exists():
            first = HuddleDigest(next_at=_next(at), made_to=at - timedelta(days=7))
            HuddleDigest.objects.bulk_create([first], ignore_conflicts=True)
        return 0
    if row.next_at > at:
        return 0
    until = max(row.made_to, at - STILL_WRITING)
    entries = HuddleEntry.objects.standing().between(row.made_to, until).with_everything()
    shown, to = list(entries[: MOST_IN_MAIL + 1]), readers()
    if shown:
        for member in to:
            _mail(member, shown, since=row.made_to, at=at)
    row.made_to, row.next_at = until, _next(at)
    row.save(update_fields=["made_to", "next_at"])
    return len(to) if shown else 0


def readers() -> list[Member]:
    """Who gets the digest: whoever may read the huddle, but for those who do not want it."""
    declined = HuddleReader.objects.filter(wants_it=False).values("member")
    return list(Member.objects.who_may("maturity.read_huddle").exclude(pk__in=declined).select_related("user"))


def _next(at: datetime) -> datetime:
    return next_moment([WEEKDAY], HOUR, zone=active_organization().zone, after=at)


def _mail(member: Member, entries: list[HuddleEntry], *, since: datetime, at: datetime) -> None:
    count = min(len(entries), MOST_IN_MAIL)
    kinds = [
        (kind.label, [entry for entry in entries[:MOST_IN_MAIL] if entry.kind == kind]) for kind in HuddleEntry.Kind
    ]
    with in_words_for(member):
        write_mail(
            member,
            key=f"huddle {since.isoformat()}",
            kind="huddle",
            subject=ngettext("The huddle: %(n)s thing from the other coaches",
                             "The huddle: %(n)s things from the other coaches", count) % {"n": count},
            template="maturity/mail/huddle",
            context={
                "kinds": [(label, found) for label, found in kinds if found],
                "more": len(entries) > MOST_IN_MAIL,
                "action_url": inside_address("maturity:huddle"),
                "action_label": _("Open the huddle"),
            },
            at=at,
        )  # fmt: skip
