"""When a notice goes out: at once or with others, and never within quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from listening.models import NoticeAddress

DAILY_AT = time(9)
URGENT = frozenset({"warning"})


def due_at(address: NoticeAddress, kind: str, at: datetime, zone: ZoneInfo) -> datetime:
    """Return when a notice that is written now goes out, as the clocks of the organization's zone have it."""
    if kind in URGENT and address.warnings_always:
        return at
    local = at.astimezone(zone)
    if address.pace == NoticeAddress.Pace.HOURLY:
        local = (at + timedelta(hours=1)).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    elif address.pace == NoticeAddress.Pace.DAILY:
        local = _next(address.daily_at or DAILY_AT, local)
    return max(at, _after_quiet(address, local))


def _next(moment: time, local: datetime) -> datetime:
    found = datetime.combine(local.date(), moment, local.tzinfo)
    return found if found > local else datetime.combine(local.date() + timedelta(days=1), moment, local.tzinfo)


def _after_quiet(address: NoticeAddress, local: datetime) -> datetime:
    begins, ends = address.quiet_from, address.quiet_until
    if begins is None or ends is None or begins == ends:
        return local
    now = local.time().replace(tzinfo=None)
    is_quiet = begins <= now < ends if begins < ends else now >= begins or now < ends
    return _next(ends, local) if is_quiet else local
