"""Mail reports when they are due: each once, to those readers who may still read figures."""

from __future__ import annotations

import base64
import logging
from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils.translation import gettext as _

from measurement.actions.reports import next_due
from measurement.models import Report
from measurement.paper import as_pictures
from measurement.reporting import Told, tell
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address
from roles.models import Member
from roles.tenancy import active_organization

log = logging.getLogger(__name__)
# From when on a mail says that it comes later than it should.
LATE = timedelta(hours=1)


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
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            # One that cannot be told must not keep the others; it stays due.
            log.exception("Report %s could not be mailed.", key)
    return sent


def _send(row: Report, at: datetime) -> None:
    due = row.next_at
    assert due is not None
    may_read = Member.objects.who_may("measurement.read").filter(user__is_active=True)
    to = list(may_read.filter(pk__in=row.readers.values("member")).select_related("user").order_by("pk"))
    row.next_at, row.sent_at, row.sent_to = next_due(row, after=at), at, len(to)
    row.save(update_fields=["next_at", "sent_at", "sent_to"])
    if to:
        told = tell(row, at=at, viewer=None)
        pictures = {
            number: f"data:image/png;base64,{base64.b64encode(picture).decode()}"
            for number, picture in as_pictures(told).items()
        }
        for member in to:
            _mail(told, pictures, member, due=due)
        record("send_report", row, by=None, at=at, after={"due": due.isoformat(), "sent_to": len(to)})


def _mail(told: Told, pictures: dict[int, str], member: Member, *, due: datetime) -> None:
    row = told.report
    blocks = [(block, pictures.get(number, "")) for number, block in enumerate(told.blocks)]
    words = {"organization": active_organization(), "report": row, "days": told.days}
    write_mail(
        member,
        key=f"report {row.pk} {due.isoformat()}",
        kind="report",
        subject=_("%(organization)s: %(report)s, %(days)s") % words,
        template="measurement/mail/report",
        context={
            "report": row, "told": told, "blocks": blocks, "late_since": due if told.at - due > LATE else None,
            "action_url": f"{inside_address('measurement:report', row.pk)}?until={told.window.last}",
            "action_label": _("Read it in Touchline"),
        },
        at=told.at,
    )  # fmt: skip
