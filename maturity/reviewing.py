"""Who is reminded on the day on which a canvas or a goal is to be looked at again; of each day once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from maturity.evidence.asked import Asked
from maturity.models import Canvas, Goal
from maturity.strategy_querysets import to_review
from roles.actions.mail import write_mail
from roles.links import inside_address
from roles.models import Member, Role
from roles.speaking import in_words_for


def remind_of_reviews(*, at: datetime) -> int:
    """Write to those who are to look at something again today; returns of how many canvases and goals."""
    due = to_review(Asked(at).today)
    goals = list(Goal.objects.open().filter(due).order_by("review_on", "pk").values_list("pk", flat=True))
    canvases = list(Canvas.objects.filter(due).order_by("review_on", "pk").values_list("pk", flat=True))
    return sum(_of(Goal, key, at=at) for key in goals) + sum(_of(Canvas, key, at=at) for key in canvases)


@transaction.atomic
def _of(model: type[Goal | Canvas], key: int, *, at: datetime) -> bool:
    rows = model.objects.select_for_update(skip_locked=True, of=("self",)).filter(to_review(Asked(at).today), pk=key)
    row = rows.select_related("department").first()
    if row is None:  # another worker writes
        return False
    for member in _who(row):
        _mail(row, member, at=at)
    row.reminded_of = row.review_on
    row.save(update_fields=["reminded_of"])
    return True


def _who(row: Goal | Canvas) -> Sequence[Member]:
    if isinstance(row, Goal) and row.owner is not None and row.owner.is_active:
        return [row.owner]
    return list(Member.objects.active().with_role(Role.COACH, row.department_id).select_related("user"))


def _mail(row: Goal | Canvas, member: Member, *, at: datetime) -> None:
    kind = "goal" if isinstance(row, Goal) else "canvas"
    address = inside_address("maturity:strategy")
    where = f"?department={row.department_id}" if row.department_id else ""
    with in_words_for(member):
        write_mail(
            member,
            key=f"{kind} {row.pk} {row.review_on}",
            kind="strategy",
            subject=_("To be looked at today: %(what)s") % {"what": row},
            template="maturity/mail/review",
            context={
                "row": row,
                "is_goal": kind == "goal",
                "action_url": f"{address}{where}",
                "action_label": _("Look at it"),
            },
            at=at,
        )
