"""How replies go out: what is asked before one does, how its network takes it, and what follows from that."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from engagement import outcomes
from engagement.changes import told
from engagement.gate import kept_back
from engagement.meanwhile import forbids_sending
from engagement.models import Assignment, Delivery, Reply
from engagement.owners import owner_of
from engagement.stop_querysets import go_through
from listening import networks
from listening.models import Post, Source
from listening.networks.protocols import Accepted, Access, OutgoingReply, Reconciles, RemoteAuthor, Replies
from listening.way_out.way import WayOut
from roles.audit import record
from roles.models import Member
from roles.permissions import decide


class RepliesOut(WayOut[Reply]):
    """Replies on their way out."""

    rows, attempts, about = Reply, Delivery, "reply"

    def whole(self) -> QuerySet[Reply]:
        """With assignment, post and channel read along."""
        return Reply.objects.with_everything()

    def lock_above(self, key: int) -> None:
        """The assignment is locked before its replies."""
        Assignment.objects.select_for_update(no_key=True, of=("self",)).get(replies=key)

    def go_through(self) -> None:
        """A stop that was committed before is seen."""
        go_through()

    def forbids(self, row: Reply) -> str:
        """What was said internally, is gone or changed, or whoever may not answer any more."""
        post, is_internal = _as_it_is(row)
        if is_internal:
            return _("This was said internally: it can never be answered in public.")
        decision = decide(row.by, "engagement.reply", row.assignment)
        if not decision:
            return decision.reason
        if not row.channel.is_active:
            return _("The account to answer from was switched off meanwhile.")
        return forbids_sending(row, post)

    def keeps_back(self, row: Reply, *, at: datetime) -> bool:
        """A crisis stop, or an approval that it has not."""
        return kept_back(row, at=at)

    def send(self, access: Access, row: Reply) -> Accepted:
        """Answer the post."""
        network = networks.get(row.channel.network)
        assert isinstance(network, Replies)
        return network.reply(access, outgoing_reply(row))

    def can_look(self, row: Reply) -> bool:
        """Networks that reconcile."""
        return networks.can(row.channel.network, Reconciles)

    def find(self, access: Access, row: Reply) -> Accepted | None:
        """Look for the reply with this key."""
        network = networks.get(row.channel.network)
        assert isinstance(network, Reconciles)
        return network.find_reply(access, outgoing_reply(row))

    def accepted(
        self, row: Reply, *, remote_id: str, remote_url: str, at: datetime, looks_left: bool, seen: bool
    ) -> None:
        """The assignment is answered."""
        outcomes.accepted(row, remote_id=remote_id, remote_url=remote_url, at=at, looks_left=looks_left, seen=seen)

    def refused(self, row: Reply, problem: str, *, at: datetime) -> None:
        """The text is the writer's draft again."""
        outcomes.refused(row, problem, at=at)

    def lost(self, row: Reply, *, at: datetime) -> None:
        """Nobody knows whether it arrived."""
        record("lose_reply", row, by=None, at=at, after={"problem": row.problem})

    def told(self, row: Reply, *, at: datetime) -> None:
        """The queue and the open conversation show it."""
        told([row.assignment], at=at)

    def owner_of(self, row: Reply, *, at: datetime) -> Member:
        """Its writer, or who is on call."""
        return owner_of(row, at=at)


def outgoing_reply(reply: Reply) -> OutgoingReply:
    """Return the reply as its network gets it."""
    author = reply.post.author
    return OutgoingReply(
        key=reply.key,
        to=reply.post.remote_id,
        text=reply.text,
        conversation=reply.post.conversation,
        language=reply.post.language,
        at=reply.written_at,
        author=RemoteAuthor(id=author.remote_id, handle=author.handle, name=author.name) if author else RemoteAuthor(),
        title=reply.post.title,
    )


def _as_it_is(reply: Reply) -> tuple[Post, bool]:
    """The post, and whether it is internal; its source is held, so that nobody makes it so before the attempt."""
    source = Source.objects.select_for_update(no_key=True, of=("self",)).filter(posts=reply.post_id).first()
    post = Post.objects.get(pk=reply.post_id)
    return post, post.is_internal or (source is not None and source.is_internal)


replies_out = RepliesOut()
deliver_next, look_next, expire_leases = replies_out.deliver_next, replies_out.look_next, replies_out.expire_leases
