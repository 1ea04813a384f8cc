"""Where one is told besides by mail: adding, changing, trying and removing one's own addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Notice, NoticeAddress
from listening.notices.carriers import BadAddress, service_of
from roles.audit import record, record_change
from roles.background import hint
from roles.links import inside_address
from roles.live import look_again
from roles.models import Mail, Member
from roles.notice_kinds import notice_kinds
from roles.permissions import allowed
from roles.sealing import seal


@allowed("listening.choose_notices")
@transaction.atomic
def add_notice_address(
    member: Member,
    *,
    name: str,
    address: str,
    kinds: Sequence[str],
    pace: str = NoticeAddress.Pace.AT_ONCE,
    daily_at: time | None = None,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    warnings_always: bool = False,
    by: Member | None,
    at: datetime,
) -> NoticeAddress:
    """Tell the member at this address, in the way of Apprise, of what is written to them from now on."""
    row = NoticeAddress(member=member, created_at=at, reached_mail=_newest(member), looks_from=at)
    row.sealed, row.service = _sealed(address)
    wanted = {
        "kinds": kinds, "pace": pace, "daily_at": daily_at, "quiet_from": quiet_from, "quiet_until": quiet_until,
        "warnings_always": warnings_always,
    }  # fmt: skip
    _fill(row, name=name, **wanted)
    row.save()
    record("add_notice_address", row, by=by, at=at, after=_facts(row))
    return row


@allowed("listening.choose_notices")
@transaction.atomic
def change_notice_address(
    row: NoticeAddress,
    *,
    name: str,
    kinds: Sequence[str],
    pace: str,
    is_active: bool,
    address: str = "",
    daily_at: time | None = None,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    warnings_always: bool = False,
    by: Member | None,
    at: datetime,
) -> NoticeAddress:
    """Change what one is told there and when; without an address it stays the one that it is."""
    row = NoticeAddress.objects.select_for_update(of=("self",)).select_related("member").get(pk=row.pk)
    before = _facts(row)
    if address.strip():
        row.sealed, row.service = _sealed(address)
    if is_active and not row.is_active:
        row.reached_mail = _newest(row.member)
    if (is_active and not row.is_active) or set(kinds) - set(row.kinds):
        row.looks_from = at
    row.is_active, row.problem = is_active, ""
    wanted = {
        "kinds": kinds, "pace": pace, "daily_at": daily_at, "quiet_from": quiet_from, "quiet_until": quiet_until,
        "warnings_always": warnings_always,
    }  # fmt: skip
    _fill(row, name=name, **wanted)
    row.save()
    record_change("change_notice_address", row, by=by, at=at, before=before, after=_facts(row))
    return row


@allowed("listening.choose_notices")
@transaction.atomic
def try_notice_address(row: NoticeAddress, *, by: Member | None, at: datetime) -> Notice:
    """Send a test there, now."""
    said = {
        "subject": _("This is a test of Touchline."),
        "url": inside_address("listening:notices"),
        "written_at": at,
        "due_at": at,
    }
    made, _new = Notice.objects.update_or_create(
        address=row, key="test", defaults={"kind": "test", "state": Notice.State.READY, "attempts": 0, **said}
    )
    record("try_notice_address", row, by=by, at=at)
    hint("listening.tasks.tell_notices")
    return made


@allowed("listening.choose_notices")
@transaction.atomic
def remove_notice_address(row: NoticeAddress, *, by: Member | None, at: datetime) -> None:
    """Tell nothing more there."""
    record("remove_notice_address", row, by=by, at=at, before=_facts(row))
    row.delete()
    look_again("notices")


def _newest(member: Member) -> int:
    return Mail.objects.filter(member=member).order_by("-pk").values_list("pk", flat=True).first() or 0


def _sealed(address: str) -> tuple[str, str]:
    try:
        return seal(address.strip()), service_of(address)
    except BadAddress as problem:
        raise ValidationError({"address": str(problem)}) from problem


def _fill(row: NoticeAddress, *, name: str, **wanted: Any) -> None:
    known = {kind for kind, _words in notice_kinds()}
    if not wanted["kinds"] or set(wanted["kinds"]) - known:
        raise ValidationError({"kinds": _("Choose what you want to be told about.")})
    if (wanted["quiet_from"] is None) != (wanted["quiet_until"] is None):
        raise ValidationError({"quiet_until": _("Quiet hours have a beginning and an end.")})
    for field, value in wanted.items():
        setattr(row, field, sorted(set(value)) if field == "kinds" else value)
    row.name = " ".join(name.split())
    row.full_clean(exclude=["member", "organization", "sealed"])


def _facts(row: NoticeAddress) -> dict[str, Any]:
    quiet = f"{row.quiet_from:%H:%M}-{row.quiet_until:%H:%M}" if row.quiet_from and row.quiet_until else ""
    return {
        "name": row.name, "service": row.service, "kinds": row.kinds, "pace": str(row.pace), "quiet": quiet,
        "is_active": row.is_active,
    }  # fmt: skip
