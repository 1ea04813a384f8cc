"""Write a reply into the outbox, and decide about one whose outcome only a person can settle."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement.actions.drafts import save_draft, use_up_draft
from engagement.actions.rows import change, hold, only_in
from engagement.changes import told
from engagement.meanwhile import newest_in_thread, stop_if_changed
from engagement.models import Assignment, Delivery, Draft, Reply
from engagement.outcomes import accepted, keep_text
from engagement.refusals import Refusal, Stale, Taken, Unanswerable
from listening import networks
from listening.models import Channel
from listening.networks.protocols import Counts, Reconciles
from roles.audit import record
from roles.background import hint
from roles.models import Member
from roles.permissions import allowed, decide
from roles.tenancy import active_organization_id

P = ParamSpec("P")
State = Reply.State
KEYS = uuid.UUID("9d0a4c0e-52c5-4f5a-8a3e-4c1d6f3b7a21")
DELIVER = "engagement.tasks.deliver_ready"
DECISIONS = ("send_again", "mark_as_sent", "give_up")


def _keeping_the_text(action: Callable[P, Reply]) -> Callable[P, Reply]:
    """Whatever stands in the way of a reply, what was written is a draft afterwards."""

    @wraps(action)
    def keeping(*args: P.args, **kwargs: P.kwargs) -> Reply:
        try:
            return action(*args, **kwargs)
        except (Refusal, ValidationError, PermissionDenied):
            assignment: Any = args[0]
            written: Any = kwargs
            if decide(written["by"], "engagement.read", assignment):
                save_draft(assignment, text=written["text"], by=written["by"], at=written["at"])
            raise

    return keeping


@_keeping_the_text
@allowed("engagement.reply")
def reply(
    assignment: Assignment,
    *,
    text: str,
    by: Member,
    at: datetime,
    channel: Channel | None = None,
    key: str | None = None,
    resolves: bool = True,
    seen_version: int | None = None,
    seen_revision: int | None = None,
    seen_until: int | None = None,
    draft_version: int | None = None,
) -> Reply:
    """Put a reply into the outbox; it goes out once, as soon as a worker takes it.

    The same `key` again returns the reply that it made. What the writer has seen (the assignment's version, the post's
    revision, the key of the thread's newest post) is compared inside the transaction: an answer, an edit since is a
    reason to look again. Where it cannot be taken, the text is kept as draft. `draft_version` is that of the shared
    draft which was sent, if it was one.
    """
    return _write(
        assignment,
        text=text.strip(),
        by=by,
        at=at,
        channel=channel,
        key=_key(assignment, key),
        resolves=resolves,
        seen=Seen(seen_version, seen_revision, seen_until),
        draft_version=draft_version,
    )


@dataclass(frozen=True)
class Seen:
    """What the writer had read: the assignment's version, the post's revision, the thread's newest post."""

    version: int | None = None
    revision: int | None = None
    until: int | None = None


def _key(assignment: Assignment, chosen: str | None) -> str:
    """Return the key of the delivery: from the writer's, but never the same for another assignment."""
    if not chosen:
        return str(uuid.uuid4())
    return str(uuid.uuid5(KEYS, f"{active_organization_id()}/{assignment.pk}/{chosen}"))


@transaction.atomic
def _write(
    assignment: Assignment, *, text: str, by: Member, at: datetime, channel: Channel | None, key: str, resolves: bool,
    seen: Seen, draft_version: int | None,
) -> Reply:  # fmt: skip
    earlier = Reply.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    row = hold(assignment, "engagement.reply", by=by)
    earlier = Reply.objects.filter(key=key).first()  # the lock may have waited for the same form sent twice
    if earlier is not None:
        return earlier
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    _only_answer(row, by=by, seen_version=seen.version)
    post = row.mention.post
    stop_if_changed(post, revision=seen.revision, until=seen.until)
    account = _channel(row, channel)
    _fits(text, account.network)
    made = _insert(
        row, text=text, by=by, at=at, channel=account, key=key, resolves=resolves,
        post_revision=seen.revision or post.revision_count, thread_until=seen.until or newest_in_thread(post),
    )  # fmt: skip
    use_up_draft(row, text=text, by=by, version=draft_version)
    row.replies.before_a_person().update(put_before_person_at=None)
    # Whoever answers has it from now on.
    fields: dict[str, Any] = {"state": Assignment.State.CLAIMED, "snoozed_until": None}
    if row.member_id != by.pk or row.claimed_at is None:
        fields |= {"member": by, "claimed_at": at, "assigned_at": at if row.member_id != by.pk else row.assigned_at}
    change(row, "reply", by=by, at=at, **fields)
    hint(DELIVER)
    return made


def _only_answer(row: Assignment, *, by: Member, seen_version: int | None) -> None:
    """Refuse a second answer that nobody means: one is on its way, or was given since the writer looked."""
    others = Reply.objects.filter(assignment=row).select_related("by__user").order_by("-pk")
    under_way = others.under_way().first()
    if under_way is not None:
        _say_under_way(under_way, by)
    if seen_version is None:
        return
    since = others.on_the_way_or_sent().filter(assignment_version__gt=seen_version).first()
    if since is not None and since.by_id == by.pk:
        raise Stale(_("You have answered this already, in another window. Look again before you answer twice."))
    if since is not None:
        raise Taken(_("%(name)s has answered this meanwhile. Your text is kept as a draft.") % {"name": since.by})


def _say_under_way(found: Reply, by: Member) -> None:
    if found.state == State.UNKNOWN:
        raise Taken(
            _("It is not known whether the reply of %(name)s arrived. Settle that first; your text is kept as a draft.")
            % {"name": found.by}
        )
    if found.by_id == by.pk:
        raise Stale(_("Your reply is on its way already. What you wrote now is kept as a draft."))
    raise Taken(_("A reply by %(name)s is on its way. Your text is kept as a draft.") % {"name": found.by})


def _channel(row: Assignment, chosen: Channel | None) -> Channel:
    """Return the account to speak from: the chosen one, the one that was addressed, or the only one there is."""
    network = row.mention.post.network
    if chosen is not None:
        if chosen.network != network:
            raise ValidationError({"channel": _("This account is on another network than the post.")})
        if not chosen.is_active:
            raise ValidationError({"channel": _("This account is switched off. Choose another.")})
        return chosen
    addressed = row.mention.channel
    if addressed is not None and addressed.is_active and addressed.network == network:
        return addressed
    found = list(Channel.objects.filter(network=network, is_active=True).order_by("pk")[:2])
    if not found:
        raise Unanswerable(_("The organization has no account on this network to answer from."))
    if len(found) > 1:
        raise ValidationError({"channel": _("Choose the account to answer from.")})
    return found[0]


def _fits(text: str, network_name: str) -> None:
    network = networks.get(network_name)
    if not isinstance(network, Counts):
        return
    limit, length = network.limits().text, network.count(text)
    if limit is not None and length > limit:
        raise ValidationError(
            {
                "text": _("The text has %(length)s characters as this network counts; it takes %(limit)s.")
                % {"length": length, "limit": limit}
            }
        )


def _insert(row: Assignment, *, at: datetime, by: Member, **fields: Any) -> Reply:
    try:
        with transaction.atomic():
            return Reply.objects.create(
                assignment=row, post=row.mention.post, by=by, written_at=at, next_attempt_at=at,
                assignment_version=row.version + 1, **fields,
            )  # fmt: skip
    except IntegrityError:
        found = Reply.objects.under_way().filter(assignment=row).select_related("by__user").first()
        if found is not None:
            _say_under_way(found, by)
        raise


@allowed("engagement.settle_delivery")
@transaction.atomic
def settle_delivery(reply: Reply, *, decision: str, url: str = "", by: Member, at: datetime) -> Reply:
    """Decide about a reply that was refused, is unknown, or has not gone out yet.

    `send_again` attempts it once more under the same key; `mark_as_sent` says that it is at the network, at `url`;
    `give_up` ends it, and its text is a draft again. What is unknown is looked up before anyone may try again.
    """
    if decision not in DECISIONS:
        raise ValidationError({"decision": _("Choose one: send it again, it was sent, or give up.")})
    hold(reply.assignment, "engagement.settle_delivery", by=by)
    row = Reply.objects.select_for_update(no_key=True, of=("self",)).with_everything().get(pk=reply.pk)
    before = {"state": row.state, "problem": row.problem}
    {"send_again": _send_again, "mark_as_sent": _mark_as_sent, "give_up": _give_up}[decision](row, url, at)
    Delivery.objects.create(reply=row, kind=Delivery.Kind.PERSON, started_at=at, finished_at=at, outcome=decision)
    record("settle_delivery", row, by=by, at=at, before=before, after={"state": row.state, "decision": decision})
    told([row.assignment], at=at, members=[row.by_id])
    return row


def may_send_again(reply: Reply) -> bool:
    """Whether a new attempt may be offered: it surely did not go out, or was looked for as far as that is possible."""
    if reply.state == State.REFUSED:
        return True
    return reply.state == State.UNKNOWN and reply.put_before_person_at is not None


def _looked(row: Reply) -> None:
    if row.state == State.UNKNOWN and row.put_before_person_at is None and _can_look(row):
        raise Refusal(_("Touchline is still looking whether it arrived. Wait for a minute, then decide."))


def _can_look(row: Reply) -> bool:
    try:
        return networks.can(row.channel.network, Reconciles)
    except networks.UnknownNetwork:
        return False


def _send_again(row: Reply, url: str, at: datetime) -> None:
    if row.state not in {State.UNKNOWN, State.REFUSED}:
        raise Refusal(_not_now(row))
    _looked(row)
    if row.post.was_said_internally:
        raise Refusal(_("This was said internally: it can never be answered in public."))
    only_in(row.assignment, [Assignment.State.OPEN, Assignment.State.CLAIMED, Assignment.State.SNOOZED])
    if row.state == State.REFUSED and (other := Reply.objects.under_way().filter(assignment=row.assignment_id).first()):
        raise Refusal(_("Another reply is on its way: “%(text)s”.") % {"text": other})
    row.state, row.next_attempt_at, row.looks, row.problem = State.READY, at, 0, ""
    row.lease_key, row.lease_until, row.put_before_person_at = "", None, None
    # Whoever has it sent again has the post and the thread before them as they are now.
    row.post_revision, row.thread_until = row.post.revision_count, newest_in_thread(row.post)
    row.save(
        update_fields=[
            "post_revision",
            "thread_until",
            "state",
            "next_attempt_at",
            "looks",
            "problem",
            "lease_key",
            "lease_until",
            "put_before_person_at",
        ]
    )
    Draft.objects.filter(assignment=row.assignment_id, member=row.by_id, text=row.text).delete()
    hint(DELIVER)


def _mark_as_sent(row: Reply, url: str, at: datetime) -> None:
    if row.state not in {State.UNKNOWN, State.REFUSED}:
        raise Refusal(_not_now(row))
    parts = urlsplit(url.strip())
    if url.strip() and (parts.scheme not in {"http", "https"} or not parts.netloc):
        raise ValidationError({"url": _("Give the whole address, beginning with https://.")})
    accepted(row, remote_id=row.remote_id, remote_url=url.strip()[:4000], at=at, looks_left=False)


def _give_up(row: Reply, url: str, at: datetime) -> None:
    if row.state not in {State.UNKNOWN, State.REFUSED, State.READY}:
        raise Refusal(_not_now(row))
    _looked(row)
    row.state, row.put_before_person_at = State.CANCELLED, None
    row.save(update_fields=["state", "put_before_person_at"])
    keep_text(row, at=at)


def _not_now(row: Reply) -> str:
    says = {
        State.READY: _("It has not gone out yet; only giving up is possible now."),
        State.SENDING: _("It is being sent at this moment. Wait until that has ended."),
        State.ACCEPTED: _("It was sent; there is nothing to settle."),
        State.CANCELLED: _("It was given up already."),
    }
    return says[State(row.state)]
