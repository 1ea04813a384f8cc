"""Join conversations of others, start some of our own, and say how much of it may be about ourselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement import reasons
from engagement.changes import told
from engagement.joining import policy, share
from engagement.models import Assignment, Joining, PromotionPolicy, Starter
from engagement.models.joinings import Step
from engagement.querysets import hold_lock, place_mentions
from engagement.refusals import Refusal
from listening.models import Mention, Source
from roles.audit import record
from roles.live import look_again
from roles.models import Department, Member, Organization
from roles.permissions import allowed, require

State = Assignment.State


@allowed("engagement.join")
@transaction.atomic
def join(mention: Mention, *, step: str, by: Member, at: datetime) -> Assignment:
    """Take part in a conversation of others, saying along which step; it is one's own in the queue then.

    Nobody was promised an answer, so no clock runs. What is about ourselves is refused where it would be too much.
    """
    _only_step(step)
    hold_lock()
    found = Mention.objects.select_for_update(of=("self",)).with_posts().get(pk=mention.pk)
    if Assignment.objects.unresolved().filter(mention=found).exists():
        raise Refusal(_("Somebody has this in the queue already."))
    if found.post.was_said_internally or found.post.withdrawn_at or found.post.is_ours:
        raise Refusal(_("This is nothing to join: it is ours, internal, or gone."))
    if why_not := share(at=at).why_not(step):
        raise Refusal(why_not)
    department = _department(found, by)
    require(by, "engagement.join", department)
    place_mentions({found.pk: department.pk})
    try:
        with transaction.atomic():
            row = Assignment.objects.create(
                mention=found, network=found.network, department=department, member=by, state=State.CLAIMED,
                created_at=at, assigned_at=at, claimed_at=at, promise="", due_at=at, reasons=[reasons.joined(by, step)],
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(_("Somebody has this in the queue already.")) from None
    made = Joining.objects.create(assignment=row, step=step, by=by, joined_at=at)
    record("join", made, by=by, at=at, after={"step": step, "assignment": row.pk})
    told([row], at=at)
    look_again("stream")
    return row


def _only_step(step: str) -> None:
    if step not in Step.values:
        raise ValidationError({"step": _("Choose one of the seven steps.")})


def _department(mention: Mention, by: Member) -> Department:
    """Where it belongs: where a person or its topic says, else where the member answers, else the first there is."""
    topic = mention.topic
    wanted = mention.department or (topic.department if topic else None)
    if wanted is not None and by.holds("engagement.join", wanted.pk):
        return wanted
    own = next((position.department for position in by.held_positions if position.department is not None), None)
    found = own or Department.objects.order_by("pk").first()
    if found is None:
        raise Refusal(_("There is no department yet to which this could belong."))
    return found


def add_starter(
    *, text: str, owner: Member, community: Source | None = None, step: str = Step.ENGAGE, by: Member, at: datetime
) -> Starter:
    """Plan a conversation of our own, with somebody who starts it."""
    row = Starter(text=text.strip(), owner=owner, community=community, step=step, created_at=at)
    return _add_starter(row, by=by, at=at)


@allowed("engagement.start")
@transaction.atomic
def _add_starter(row: Starter, *, by: Member, at: datetime) -> Starter:
    _only_step(row.step)
    if not row.text:
        raise ValidationError({"text": _("Write what starts the conversation.")})
    if not row.owner.is_active:
        raise ValidationError({"owner": _("Choose somebody who is here.")})
    row.save()
    record("add_starter", row, by=by, at=at, after={"owner": str(row.owner), "step": row.step})
    return row


@allowed("engagement.start")
@transaction.atomic
def end_starter(starter: Starter, *, state: str, url: str = "", outcome: str = "", by: Member, at: datetime) -> Starter:
    """Say that a conversation was started, and where it stands, or that it was dropped; and what came of it."""
    hold_lock()
    row = Starter.objects.select_for_update(of=("self",)).select_related("owner__user").get(pk=starter.pk)
    if state not in {Starter.State.STARTED, Starter.State.DROPPED}:
        raise ValidationError({"state": _("Started, or dropped.")})
    if row.state == Starter.State.PLANNED:
        is_started = state == Starter.State.STARTED
        if is_started and (why_not := share(at=at).why_not(row.step)):
            raise Refusal(why_not)
        row.ended_at = at
    elif row.state != state:
        raise Refusal(_("This is at its end already: %(state)s.") % {"state": row.get_state_display()})
    before = {"state": row.state, "outcome": row.outcome}
    row.state, row.url, row.outcome = state, url.strip() or row.url, outcome.strip()[:2000] or row.outcome
    row.full_clean(exclude=["organization", "owner", "community"])
    row.save(update_fields=["state", "url", "outcome", "ended_at"])
    record("end_starter", row, by=by, at=at, before=before, after={"state": row.state, "outcome": row.outcome})
    return row


@allowed("engagement.limit_promotion")
@transaction.atomic
def limit_promotion(
    organization: Organization, /, *, most_percent: int, window_days: int, by: Member, at: datetime
) -> PromotionPolicy:
    """Say how much of what we say of our own accord may be about ourselves."""
    row = PromotionPolicy.objects.select_for_update().first() or policy()
    before: dict[str, Any] = {"most_percent": row.most_percent, "window_days": row.window_days}
    row.most_percent, row.window_days = most_percent, window_days
    row.full_clean(exclude=["organization"])
    row.save()
    after = {"most_percent": most_percent, "window_days": window_days}
    record("limit_promotion", row, by=by, at=at, before=before, after=after)
    return row
