"""Write a reply into the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement.actions.drafts import save_draft, use_up_draft
from engagement.actions.rows import change, hold
from engagement.gate import let_go
from engagement.meanwhile import newest_in_thread, stop_if_changed
from engagement.models import Assignment, Reply, SavedReply
from engagement.refusals import Refusal, Repeated, Stale, Taken, Unanswerable
from engagement.repeating import names_in, repeats, sameness_of
from engagement.saying import origin_of
from engagement.stop_querysets import go_through
from listening import networks
from listening.connections.money import charge_of, dollars, price_of_reply
from listening.models import Channel
from roles.models import Member
from roles.permissions import allowed, decide
from roles.tenancy import active_organization_id

P = ParamSpec("P")
State = Reply.State
KEYS = uuid.UUID("9d0a4c0e-52c5-4f5a-8a3e-4c1d6f3b7a21")


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
                said = {name: written[name] for name in ("text", "by", "at", "saved_reply") if name in written}
                save_draft(assignment, **said)
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
    saved_reply: SavedReply | None = None,
    ask_about_repeats: bool = False,
    is_automatic: bool = False,
) -> Reply:
    """Put a reply into the outbox; it goes out once, as soon as a worker takes it and nothing keeps it back.

    The same `key` again returns the reply that it made. What the writer has seen (the assignment's version, the post's
    revision, the key of the thread's newest post) is compared inside the transaction: an answer, an edit since is a
    reason to look again. Where it cannot be taken, the text is kept as draft. `draft_version` is that of the shared
    draft which was sent, if it was one; `saved_reply` is where the text came from. With `ask_about_repeats` a text that
    went out too often raises Repeated. What `is_automatic` nobody has read: it keeps no promise, resolves nothing.
    """
    return _write(
        assignment,
        text=text.strip(),
        by=by,
        at=at,
        channel=channel,
        key=_key(assignment, key),
        resolves=resolves and not is_automatic,
        is_automatic=is_automatic,
        seen=Seen(seen_version, seen_revision, seen_until),
        draft_version=draft_version,
        saved_reply=saved_reply,
        ask_about_repeats=ask_about_repeats,
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
    is_automatic: bool, seen: Seen, draft_version: int | None, saved_reply: SavedReply | None, ask_about_repeats: bool,
) -> Reply:  # fmt: skip
    earlier = Reply.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    go_through()
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
    _fits(text, account)
    _is_affordable(text, account, at=at)
    if ask_about_repeats and (often := repeats(row, text, by=by, at=at).sentences):
        raise Repeated(_("%(how)s Send it anyway?") % {"how": " ".join(often)})
    made = _insert(
        row, text=text, by=by, at=at, channel=account, key=key, resolves=resolves, is_automatic=is_automatic,
        post_revision=seen.revision or post.revision_count, thread_until=seen.until or newest_in_thread(post),
        sameness=sameness_of(text, names_in(post.author, by)), **_origin(saved_reply, text, row, by, account),
    )  # fmt: skip
    use_up_draft(row, text=text, by=by, version=draft_version)
    row.replies.before_a_person().update(put_before_person_at=None)
    # Whoever answers has it from now on.
    fields: dict[str, Any] = {"state": Assignment.State.CLAIMED, "snoozed_until": None}
    if row.member_id != by.pk or row.claimed_at is None:
        fields |= {"member": by, "claimed_at": at, "assigned_at": at if row.member_id != by.pk else row.assigned_at}
    change(row, "reply", by=by, at=at, **fields)
    let_go(made, at=at)
    return made


def _origin(saved: SavedReply | None, text: str, row: Assignment, by: Member, account: Channel) -> dict[str, Any]:
    """What is kept of the saved reply that the text came from, as long as enough of it is left."""
    edited = origin_of(saved, text, row, by, account) if saved else None
    if saved is None or edited is None:
        return {}
    return {"saved_reply": saved, "saved_version": saved.version, "is_edited": edited}


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
    if found.state == State.WAITING:
        raise Taken(_("The reply of %(name)s waits for approval. Your text is kept as a draft.") % {"name": found.by})
    if found.state == State.HELD:
        raise Taken(
            _("The reply of %(name)s is held by the crisis stop. Your text is kept as a draft.") % {"name": found.by}
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
        if networks.answers_only_who_speaks_to_us(network) and chosen.pk != row.mention.channel_id:
            raise ValidationError({"channel": _("On this network only the account that was spoken to may answer.")})
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


def _is_affordable(text: str, account: Channel, *, at: datetime) -> None:
    price, charge = price_of_reply(account.connection, text), charge_of(account.connection, at=at)
    if price is not None and charge is not None and price.most > charge.left_exactly:
        said = {"price": dollars(price.most), "left": charge.left}
        raise ValidationError(
            {"text": _("This costs up to %(price)s, and %(left)s of this month’s budget is left.") % said}
        )


def _fits(text: str, account: Channel) -> None:
    length, limits = networks.counted(account.network, text, account.facts)
    if length < limits.least:
        raise ValidationError(
            {
                "text": _("The text has %(length)s characters; this network takes none of fewer than %(least)s.")
                % {"length": length, "least": limits.least}
            }
        )
    if limits.text is not None and length > limits.text:
        raise ValidationError(
            {
                "text": _("The text has %(length)s characters as this network counts; it takes %(limit)s.")
                % {"length": length, "limit": limits.text}
            }
        )
    if over := limits.bytes_over(text):
        raise ValidationError(
            {
                "text": _(
                    "The text fits by its characters, but many of its signs need several bytes: %(over)s too many "
                    "for this network."
                )
                % {"over": over}
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
