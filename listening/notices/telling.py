"""Gather what members are told by mail, and tell it at their other addresses too, together with what is due there.

A message may go out twice where a worker dies between the service's answer and our note of it; it is told as that, and
no notice is lost for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listening.models import Notice, NoticeAddress
from listening.notices import carriers, housekeeping
from listening.notices.times import due_at
from listening.webhooks.housekeeping import open_since
from roles.live import look_again
from roles.models import Mail
from roles.notice_kinds import News, news_not_by_mail
from roles.sealing import Unsealable, unseal
from roles.tenancy import acting_for, active_organization

log = logging.getLogger(__name__)
TOGETHER = 30
WAITS = (60, 300, 900, 3600, 14_400, 43_200)
GATHERED, LOOKED_AT_AGAIN = 500, 20_000
# Where nobody gathered for a while, what happened longer ago is no news any more.
LOOKED_BACK = timedelta(days=1)
SECONDS_IN_ALL = 60.0


def gather(*, at: datetime) -> int:
    """Write the notices of the active organization that are new since the last look; returns how many."""
    made = 0
    for key in NoticeAddress.objects.filter(is_active=True).values_list("pk", flat=True):
        with transaction.atomic():
            row = NoticeAddress.objects.select_for_update(skip_locked=True).filter(pk=key, is_active=True).first()
            if row is not None:
                made += _gather(row, at=at)
    return made


def _gather(row: NoticeAddress, *, at: datetime) -> int:
    """Mails get their numbers before they are committed, so what may just have been written is looked at again."""
    zone = active_organization().zone
    every = Mail.objects.filter(member=row.member_id)
    lately = Q(pk__gt=row.reached_mail - LOOKED_AT_AGAIN, written_at__gte=max(open_since(at), row.created_at))
    key = Concat(Value("mail "), Cast(OuterRef("pk"), CharField()))
    wanted = every.filter(Q(pk__gt=row.reached_mail) | lately, kind__in=row.kinds)
    fresh = list(wanted.exclude(Exists(row.notices.filter(key=key))).order_by("pk")[:GATHERED])
    Notice.objects.bulk_create(
        (
            Notice(
                address=row, key=f"mail {mail.pk}", kind=mail.kind, subject=mail.subject, url=mail.url, written_at=at,
                due_at=due_at(row, mail.kind, at, zone),
            )
            for mail in fresh
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    news = _not_by_mail(row, at=at)
    Notice.objects.bulk_create(
        (
            Notice(
                address=row, key=one.key, kind=kind, subject=one.subject, url=one.url, written_at=at,
                due_at=due_at(row, kind, at, zone),
            )
            for kind, one in news
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    newest = every.order_by("-pk").values_list("pk", flat=True).first() or 0
    row.reached_mail = max(row.reached_mail, fresh[-1].pk if len(fresh) == GATHERED else newest)
    row.save(update_fields=["reached_mail"])
    return len(fresh) + len(news)


def _not_by_mail(row: NoticeAddress, *, at: datetime) -> list[tuple[str, News]]:
    """What is new of which no mail is written; a key that the address was told of is not new."""
    since = max(row.looks_from, at - LOOKED_BACK)
    chosen = ((kind, find) for kind, find in news_not_by_mail().items() if kind in row.kinds)
    found = [(kind, one) for kind, find in chosen for one in find(row.member, since)]
    known = set(row.notices.filter(key__in=[one.key for _kind, one in found]).values_list("key", flat=True))
    return [(kind, one) for kind, one in found if one.key not in known]


def tell_due(*, now: Callable[[], datetime], most: int = 100) -> int:
    """Send what is due, of whatever organization, each address's together; returns how many messages were tried."""
    tried, until = 0, monotonic() + SECONDS_IN_ALL
    while tried < most and monotonic() < until and (row := housekeeping.claim_address(now())) is not None:
        with acting_for(row.organization):
            _tell(row, now=now)
        tried += 1
    return tried


def _tell(row: NoticeAddress, *, now: Callable[[], datetime]) -> None:
    due = list(row.notices.filter(state=Notice.State.READY, due_at__lte=now()).order_by("pk")[:TOGETHER])
    title, body = message(due)
    is_taken, problem = False, _("The service did not take the message.")
    try:
        is_taken = not due or carriers.send(unseal(row.sealed), title=title, body=body)
    except Unsealable as why:
        problem = str(why)
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # what one service answers must not keep the others from being told
        log.exception("Notices of address %s could not be sent.", row.pk)
    _settle(row, due, is_taken=is_taken, problem=problem, at=now())


def message(due: list[Notice]) -> tuple[str, str]:
    """Return title and body: of one notice its subject and page, of several a line for each."""
    if len(due) == 1:
        return due[0].subject, due[0].url
    counted = ngettext("%(count)s notice", "%(count)s notices", len(due)) % {"count": len(due)}
    return counted, "\n".join(f"{notice.subject}: {notice.url}" for notice in due)


@transaction.atomic
def _settle(row: NoticeAddress, due: list[Notice], *, is_taken: bool, problem: str, at: datetime) -> None:
    held = NoticeAddress.objects.select_for_update().filter(pk=row.pk, lease_key=row.lease_key).first()
    if held is None:
        return  # it took longer than its lease: somebody else tells it
    held.lease_key, held.lease_until = "", None
    held.problem = "" if is_taken else problem[:300]
    held.save(update_fields=["lease_key", "lease_until", "problem"])
    for notice in due:
        notice.attempts += 1
        if is_taken:
            notice.state, notice.sent_at = Notice.State.SENT, at
        elif notice.attempts > len(WAITS):
            notice.state = Notice.State.FAILED
        else:
            notice.due_at = at + timedelta(seconds=WAITS[notice.attempts - 1])
    Notice.objects.bulk_update(due, ["attempts", "state", "sent_at", "due_at"])
    look_again("notices")
