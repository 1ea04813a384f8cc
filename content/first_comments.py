"""What we say below a publication of our own, right after it was taken: on its way as anything else that we say."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from content.gate import stopped
from content.models import FirstComment, FirstCommentDelivery, Piece, Publication
from content.publishing import PUBLISH, when_published
from content.tracking import tracked
from engagement.stop_querysets import go_through
from listening import networks
from listening.networks.protocols import Accepted, Access, OutgoingReply, Reconciles, RemoteAuthor, Replies
from listening.way_out import states
from listening.way_out.owners import who_decides
from listening.way_out.way import WayOut
from roles.audit import record
from roles.background import hint
from roles.live import look_again
from roles.models import Member

State = FirstComment.State


@when_published
def say_first_comment(publication: Publication, at: datetime) -> None:
    """Put what is to be said below a publication on its way; where that cannot be done here, before a person."""
    text = publication.variant.first_comment.strip()
    if not text or FirstComment.objects.filter(publication=publication).exists():
        return
    made = FirstComment.objects.create(
        publication=publication, channel=publication.channel, text=text, key=str(uuid4()), written_at=at,
        next_attempt_at=at,
    )  # fmt: skip
    if not networks.can(publication.channel.network, Replies):
        comments_out.refused(
            made, _("Nothing can be answered from here on this network. Post it there by hand."), at=at
        )
    elif not publication.remote_id:
        comments_out.refused(
            made, _("Nobody knows where it stands, so nothing is said below it. Post it by hand."), at=at
        )
    else:
        hint(PUBLISH)


class CommentsOut(WayOut[FirstComment]):
    """First comments on their way out."""

    rows, attempts, about = FirstComment, FirstCommentDelivery, "comment"

    def whole(self) -> QuerySet[FirstComment]:
        """With publication, piece and channel read along."""
        return FirstComment.objects.select_related(
            "channel", "publication__channel", "publication__planned_by__user",
            "publication__variant__piece__department",
        )  # fmt: skip

    def lock_above(self, key: int) -> None:
        """The piece is locked before what is said of it."""
        Piece.objects.select_for_update(no_key=True, of=("self",)).get(variants__publications__comment=key)

    def go_through(self) -> None:
        """A stop that was committed before is seen."""
        go_through()

    def forbids(self, row: FirstComment) -> str:
        """Where one cannot speak any more."""
        return "" if row.channel.is_active else _("The channel was switched off meanwhile.")

    def keeps_back(self, row: FirstComment, *, at: datetime) -> bool:
        """A crisis stop."""
        if reason := stopped(row, at=at):
            states.keep_back(row, State.HELD, reason)
            row.put_before_person_at, row.owner = at, self.owner_of(row, at=at)
            row.save(update_fields=["put_before_person_at", "owner"])
            self.told(row, at=at)
        return bool(reason)

    def send(self, access: Access, row: FirstComment) -> Accepted:
        """Say it below the publication."""
        network = networks.get(row.channel.network)
        assert isinstance(network, Replies)
        return network.reply(access, _outgoing(row))

    def can_look(self, row: FirstComment) -> bool:
        """Networks that reconcile."""
        return networks.can(row.channel.network, Reconciles)

    def find(self, access: Access, row: FirstComment) -> Accepted | None:
        """Look for the comment with this key."""
        network = networks.get(row.channel.network)
        assert isinstance(network, Reconciles)
        return network.find_reply(access, _outgoing(row))

    def accepted(
        self, row: FirstComment, *, remote_id: str, remote_url: str, at: datetime, looks_left: bool, seen: bool
    ) -> None:
        """It is said."""
        states.accept(row, remote_id=remote_id, remote_url=remote_url, looks_left=looks_left, seen=seen, at=at)
        record("accept_comment", row, by=None, at=at, after={"remote_url": row.remote_url})
        self.told(row, at=at)

    def refused(self, row: FirstComment, problem: str, *, at: datetime) -> None:
        """A person decides."""
        states.refuse(row, problem, owner=self.owner_of(row, at=at), at=at)
        record("refuse_comment", row, by=None, at=at, after={"problem": row.problem})
        self.told(row, at=at)

    def lost(self, row: FirstComment, *, at: datetime) -> None:
        """Nobody knows whether it arrived."""
        record("lose_comment", row, by=None, at=at, after={"problem": row.problem})

    def told(self, row: FirstComment, *, at: datetime) -> None:
        """Lists of publications and the page of the piece show it."""
        look_again(f"piece:{row.publication.variant.piece_id}")

    def owner_of(self, row: FirstComment, *, at: datetime) -> Member:
        """Who planned the publication, or who is on call."""
        department = row.department
        key = department.pk if department else None
        return who_decides(row.publication.planned_by, "content.settle_publication", key, at=at)


def _outgoing(row: FirstComment) -> OutgoingReply:
    publication = row.publication
    channel = row.channel
    return OutgoingReply(
        key=row.key,
        to=publication.remote_id,
        text=tracked(row.text, publication),
        conversation=publication.remote_id,
        language=publication.variant.language_there,
        at=row.written_at,
        author=RemoteAuthor(id=channel.account_id, handle=channel.handle, name=channel.name, url=channel.url),
        title=publication.variant.title,
    )


comments_out = CommentsOut()
