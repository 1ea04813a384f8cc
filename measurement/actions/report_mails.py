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
from measurement.letters import in_words_of_paper
from measurement.models import Report, ReportPicture, ReportReader
from measurement.models.reports import STOPPED
from measurement.paper import as_pictures
from measurement.report_links import stop_key
from measurement.reporting import Told, tell
from roles.actions.mail import write_mail
from roles.audit import record
from roles.background import hint
from roles.links import inside_address, outside_address
from roles.models import Member
from roles.permissions import allowed
from roles.speaking import by_language, in_words_for
from roles.tenancy import active_organization

log = logging.getLogger(__name__)
# From when on a mail says that it comes later than it should.
LATE = timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=12)
# After so many tries whoever looks after a report is told that it fails, once for each time that it is due.
TOLD_AFTER = 3
# Beyond so many tries they are counted no more: the wait between them is the longest by then.
MOST_TRIES = 30


def send_due_reports(*, at: datetime) -> int:
    """Mail the reports of the active organization whose time has come, each once; returns how many.

    That one is tried is written before it is: one that takes its worker along is tried later, and keeps no other. A
    row is held while its mails are written, and its next time is written with them: who is stopped in between has sent
    nothing. However many times went by unnoticed, one mail tells of the newest period and says that it is late.
    """
    sent = 0
    due = Report.objects.filter(dropped_at=None, next_at__lte=at).order_by("next_at", "pk")
    for key in list(due.values_list("pk", flat=True)):
        again_at = None
        try:
            again_at = _begin(key, at)
            if again_at is not None and _send(key, again_at, at):
                sent += 1
        except SoftTimeLimitExceeded as problem:
            # One that takes for ever must not be the first again and again.
            _say_why(key, again_at, problem, at)
            raise
        except Exception as problem:
            # One that cannot be told must not keep the others.
            log.exception("Report %s could not be mailed.", key)
            _say_why(key, again_at, problem, at)
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


@transaction.atomic
def stop_report_mails(report: Report, *, member: Member, at: datetime) -> None:
    """End the mails of a report for the one whom a mail's link names: who has the link need not be allowed anything.

    It is kept of somebody who is no reader at the moment, or may read no figures, too: they may be one again.
    """
    row, made = ReportReader.objects.select_for_update(of=("self",)).get_or_create(
        report=report, member=member, defaults={"wants_it": False}
    )
    if made or row.wants_it:
        row.wants_it = False
        row.save(update_fields=["wants_it"])
        record("choose_report_mails", report, by=member, at=at, after={"wants_it": False})


@transaction.atomic
def _begin(key: int, at: datetime) -> datetime | None:
    """Write down that it is tried and when again if nothing comes of it; None where somebody else has it in hand."""
    row = _held(key, next_at__lte=at)
    if row is None:
        return None
    is_to_tell = row.failures == TOLD_AFTER and row.problem == STOPPED
    row.due_since = row.due_since or row.next_at
    row.failures, row.problem = min(row.failures + 1, MOST_TRIES), STOPPED
    row.next_at = at + min(FIRST_WAIT * 2 ** (row.failures - 1), LONGEST_WAIT)
    row.save(update_fields=["failures", "due_since", "next_at", "problem"])
    if is_to_tell:
        _tell_failure(row, at)
    return row.next_at


@transaction.atomic
def _send(key: int, again_at: datetime, at: datetime) -> bool:
    """Write its mails, unless somebody has changed or dropped it meanwhile; says whether it did."""
    row = _held(key, next_at=again_at)
    if row is None:
        return False
    due = row.due_since or again_at
    may_read = Member.objects.who_may("measurement.read").filter(user__is_active=True)
    wanting = row.readers.wanting().values("member")
    to = list(may_read.filter(pk__in=wanting).select_related("user").order_by("pk"))
    row.next_at, row.sent_at, row.sent_to = next_due(row, after=at), at, len(to)
    row.failures, row.problem, row.due_since = 0, "", None
    row.save(update_fields=["next_at", "sent_at", "sent_to", "failures", "problem", "due_since"])
    if to:
        for alike in by_language(to):
            told = tell(row, at=at, viewer=None)
            with in_words_of_paper() as lacking:
                drawn = as_pictures(tell(row, at=at, viewer=None) if lacking else told)
            kept = ReportPicture.objects.bulk_create(
                ReportPicture(report=row, png=picture, drawn_at=at) for picture in drawn.values()
            )
            names = {number: f"kept:{picture.pk}" for number, picture in zip(drawn, kept, strict=True)}
            for member in alike:
                _mail(told, names, member, due=due)
        record("send_report", row, by=None, at=at, after={"due": due.isoformat(), "sent_to": len(to)})
    return True


def _mail(told: Told, pictures: Mapping[int, str], member: Member, *, due: datetime) -> None:
    row = told.report
    blocks = [(block, pictures.get(number, "")) for number, block in enumerate(told.blocks)]
    words = {"organization": active_organization(), "report": row, "days": told.days}
    stop = outside_address("measurement:stop_report_mails", stop_key(row, member))
    with in_words_for(member):
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


def _say_why(key: int, again_at: datetime | None, problem: Exception, at: datetime) -> None:
    """Keep why a try failed, unless somebody has changed, mailed or dropped it meanwhile; whatever happens, go on."""
    try:
        with transaction.atomic():
            row = _held(key, next_at=again_at) if again_at is not None else None
            if row is not None:
                # Its text is for the log alone: it may quote rows of others, or say where things lie on the server.
                row.problem = type(problem).__name__
                row.save(update_fields=["problem"])
                if row.failures == TOLD_AFTER:
                    _tell_failure(row, at)
    except Exception:
        log.exception("Why report %s could not be mailed was not kept.", key)


def _held(key: int, **when: datetime) -> Report | None:
    rows = Report.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner__user")
    row: Report | None = rows.filter(pk=key, dropped_at=None, **when).first()
    return row


def _looking_after(row: Report) -> list[Member]:
    """Whoever looks after a report, or everybody who may change it where nobody does any more."""
    who_may = Member.objects.who_may("measurement.compose_reports").filter(user__is_active=True).select_related("user")
    owner = list(who_may.filter(pk=row.owner_id)) if row.owner_id else []
    return owner or list(who_may.order_by("pk"))


def _tell_failure(row: Report, at: datetime) -> None:
    assert row.due_since is not None
    context: dict[str, Any] = {
        "report": row,
        "action_url": inside_address("measurement:report", row.pk),
        "action_label": _("Look at it"),
    }
    for member in _looking_after(row):
        with in_words_for(member):
            write_mail(
                member,
                key=f"report {row.pk} fails {at.isoformat()}",
                kind="report_failure",
                subject=_("“%(report)s” could not be mailed") % {"report": row},
                template="measurement/mail/report_failure",
                context=context,
                at=at,
            )
