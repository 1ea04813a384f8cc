"""Mail reports when they are due: each once, to those readers who want them and may still read figures.

One that cannot be told is tried again, ever later, and after some tries whoever looks after it is told why.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from measurement.actions.reports import held_report, next_due
from measurement.models import Report, ReportPicture, ReportReader
from measurement.paper import as_pictures
from measurement.report_links import stop_key
from measurement.reporting import Told, tell
from roles.actions.mail import write_mail
from roles.audit import record
from roles.background import hint
from roles.links import inside_address, outside_address
from roles.models import Member
from roles.permissions import allowed
from roles.tenancy import active_organization

log = logging.getLogger(__name__)
# From when on a mail says that it comes later than it should.
LATE = timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=12)
# After so many tries whoever looks after a report is told that it fails, once each time it does.
TOLD_AFTER = 3


def send_due_reports(*, at: datetime) -> int:
    """Mail the reports of the active organization whose time has come, each once; returns how many.

    A row is held while its mails are written, and its next time is written with them: who is stopped in between has
    done nothing. However many times went by unnoticed, one mail tells of the newest period and says that it is late.
    """
    sent = 0
    due = Report.objects.filter(dropped_at=None, next_at__lte=at).order_by("next_at", "pk")
    for key in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                row = due.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
                if row is not None:
                    _send(row, at)
                    sent += 1
        except SoftTimeLimitExceeded as problem:
            # One that takes for ever must not be the first again and again.
            _put_off(key, problem, at)
            raise
        except Exception as problem:
            # One that cannot be told must not keep the others.
            log.exception("Report %s could not be mailed.", key)
            _put_off(key, problem, at)
    return sent


@allowed("measurement.compose_reports")
@transaction.atomic
def try_report_again(report: Report, *, by: Member | None, at: datetime) -> Report:
    """Have a report that could not be mailed tried again now, and whoever looks after it told anew if it fails."""
    row = held_report(report, by=by, at=at)
    if row.due_since is None or row.dropped_at is not None:
        raise ValidationError(_("It was mailed meanwhile, or is mailed no more."))
    row.failures, row.next_at = 0, at
    row.save(update_fields=["failures", "next_at"])
    record("try_report_again", row, by=by, at=at)
    hint("measurement.tasks.send_due_reports")
    return row


@allowed("measurement.read")
@transaction.atomic
def choose_report_mails(report: Report, *, wants_it: bool, by: Member, at: datetime) -> None:
    """Say whether one wants a report by e-mail that one was chosen for as a reader."""
    row = ReportReader.objects.select_for_update(of=("self",)).filter(report=report, member=by).first()
    if row is None:
        raise ValidationError(_("It is not mailed to you: whoever composes it chooses its readers."))
    if row.wants_it != wants_it:
        row.wants_it = wants_it
        row.save(update_fields=["wants_it"])
        record("choose_report_mails", report, by=by, at=at, after={"wants_it": wants_it})


def _send(row: Report, at: datetime) -> None:
    assert row.next_at is not None
    due = row.due_since or row.next_at
    may_read = Member.objects.who_may("measurement.read").filter(user__is_active=True)
    wanting = row.readers.wanting().values("member")
    to = list(may_read.filter(pk__in=wanting).select_related("user").order_by("pk"))
    row.next_at, row.sent_at, row.sent_to = next_due(row, after=at), at, len(to)
    row.failures, row.problem, row.due_since = 0, "", None
    row.save(update_fields=["next_at", "sent_at", "sent_to", "failures", "problem", "due_since"])
    if to:
        told = tell(row, at=at, viewer=None)
        drawn = as_pictures(told)
        kept = ReportPicture.objects.bulk_create(
            ReportPicture(report=row, png=picture, drawn_at=at) for picture in drawn.values()
        )
        names = {number: f"kept:{picture.pk}" for number, picture in zip(drawn, kept, strict=True)}
        for member in to:
            _mail(told, names, member, due=due)
        record("send_report", row, by=None, at=at, after={"due": due.isoformat(), "sent_to": len(to)})


def _mail(told: Told, pictures: Mapping[int, str], member: Member, *, due: datetime) -> None:
    row = told.report
    blocks = [(block, pictures.get(number, "")) for number, block in enumerate(told.blocks)]
    words = {"organization": active_organization(), "report": row, "days": told.days}
    stop = outside_address("measurement:stop_report_mails", stop_key(row, member))
    write_mail(
        member,
        key=f"report {row.pk} {due.isoformat()}",
        kind="report",
        subject=_("%(organization)s: %(report)s, %(days)s") % words,
        template="measurement/mail/report",
        context={
            "report": row, "told": told, "blocks": blocks, "late_since": due if told.at - due > LATE else None,
            "action_url": f"{inside_address('measurement:report', row.pk)}?until={told.window.last}",
            "action_label": _("Read it in Touchline"), "stop_url": stop,
        },
        unsubscribe_url=stop,
        at=told.at,
    )  # fmt: skip


@transaction.atomic
def _put_off(key: int, problem: Exception, at: datetime) -> None:
    """Try it again later, unless somebody has changed, mailed or dropped it meanwhile."""
    rows = Report.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner__user")
    row = rows.filter(pk=key, dropped_at=None, next_at__lte=at).first()
    if row is None:
        return
    row.failures += 1
    row.due_since = row.due_since or row.next_at
    row.next_at = at + min(FIRST_WAIT * 2 ** min(row.failures - 1, 12), LONGEST_WAIT)
    row.problem = f"{type(problem).__name__}: {problem}"[:300]
    row.save(update_fields=["failures", "due_since", "next_at", "problem"])
    if row.failures == TOLD_AFTER:
        for member in _looking_after(row):
            _tell_failure(row, member, at)


def _looking_after(row: Report) -> list[Member]:
    """Whoever looks after a report, or everybody who may change it where nobody does any more."""
    who_may = Member.objects.who_may("measurement.compose_reports").filter(user__is_active=True).select_related("user")
    owner = list(who_may.filter(pk=row.owner_id)) if row.owner_id else []
    return owner or list(who_may.order_by("pk"))


def _tell_failure(row: Report, member: Member, at: datetime) -> None:
    assert row.due_since is not None
    context: dict[str, Any] = {
        "report": row,
        "action_url": inside_address("measurement:report", row.pk),
        "action_label": _("Look at it"),
    }
    write_mail(
        member,
        key=f"report {row.pk} fails {at.isoformat()}",
        kind="report_failure",
        subject=_("“%(report)s” could not be mailed") % {"report": row},
        template="measurement/mail/report_failure",
        context=context,
        at=at,
    )
