"""Deliveries that did not simply end: which, for whom they wait, and page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Prefetch
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy

from engagement.models import Delivery, Reply
from engagement.querysets import ReplyQuerySet
from roles.keys import key_in
from roles.models import Member

PER_PAGE = 20
TABS = {
    "decide": gettext_lazy("To decide"),
    "looking": gettext_lazy("Being looked up"),
    "later": gettext_lazy("Later"),
}


@dataclass(frozen=True)
class Filters:
    """What the reader narrowed the list to."""

    owner: str = ""
    state: str = ""
    network: str = ""
    department: str = ""

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def as_query(self) -> dict[str, str]:
        """The filters as they stand in the address."""
        return {name: value for name, value in vars(self).items() if value}

    def narrow(self, rows: ReplyQuerySet, member: Member) -> ReplyQuerySet:
        """Keep what fits."""
        if self.owner:
            rows = rows.filter(owner=member.pk if self.owner == "me" else key_in(self.owner) or 0)
        if self.state in {"refused", "unknown"}:
            rows = rows.filter(state=self.state)
        if self.network:
            rows = rows.filter(channel__network=self.network)
        if self.department:
            rows = rows.filter(assignment__department=key_in(self.department) or 0)
        return rows


def behind(tab: str, member: Member, *, at: datetime) -> ReplyQuerySet:
    """The replies behind a tab, as far as the member sees them."""
    rows = Reply.objects.visible_to(member)
    match tab:
        case "looking":
            return rows.filter(state=Reply.State.UNKNOWN, put_before_person_at=None)
        case "later":
            return rows.filter(state=Reply.State.READY, next_attempt_at__gt=at)
        case _:
            return rows.before_a_person()


def page_of(rows: ReplyQuerySet, tab: str, after: str) -> tuple[list[Reply], str]:
    """One page, what waits longest first, with all that was tried; and the key of the next page (empty at the end)."""
    return page_in_order(with_history(rows), "put_before_person_at" if tab == "decide" else "next_attempt_at", after)


def page_in_order(rows: Any, column: str, after: str, *, is_back: bool = False) -> tuple[list[Any], str]:
    """One page of rows in the order of a moment, and the key of the next page (empty at the end)."""
    signer = Signer(salt=rows.model._meta.label)
    rows = rows.order_by(f"-{column}" if is_back else column, "-pk" if is_back else "pk")
    if key := _read_key(after, signer):
        beyond = TupleLessThan if is_back else TupleGreaterThan
        rows = rows.filter(beyond((F(column), F("pk")), key))
    shown = list(rows[: PER_PAGE + 1])
    if len(shown) <= PER_PAGE:
        return shown, ""
    last = shown[PER_PAGE - 1]
    return shown[:PER_PAGE], signer.sign(f"{getattr(last, column).isoformat()}~{last.pk}")


def with_history(rows: ReplyQuerySet) -> ReplyQuerySet:
    """With everything that a line shows, and every attempt and look, read along."""
    return rows.select_related(
        "post__author", "channel__connection", "by__user", "owner__user", "assignment__department",
        "assignment__mention__post", "result",
    ).prefetch_related(Prefetch("deliveries", Delivery.objects.order_by("started_at", "pk")))  # fmt: skip


def _read_key(value: str, signer: Signer) -> tuple[datetime, int] | None:
    try:
        at, pk = signer.unsign(value).split("~")
    except (BadSignature, ValueError):
        return None
    moment = parse_datetime(at)
    return (moment, int(pk)) if moment else None


def people_who_decide(departments: Iterable[int]) -> dict[int, list[Member]]:
    """For each department those who can be asked to act on a delivery: responders and coaches."""
    keys = set(departments)
    able = Member.objects.who_may("engagement.settle_delivery", *keys)
    members: Sequence[Any] = list(able.with_positions().by_name())
    for member in members:
        member.held_positions = list(member.positions.all())
    return {key: [member for member in members if member.holds("engagement.settle_delivery", key)] for key in keys}
