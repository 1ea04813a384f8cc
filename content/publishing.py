"""How publications go out: when their time has come, once, or not at all and with a word to those whose they are.

What is late by more than its grace is missed: it is put before a person, and never fired late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from content.by_hand import track_links
from content.digest import digest_of
from content.gate import stopped, waits_for
from content.mailing import tell_by_hand, tell_missed
from content.models import Piece, Publication, PublicationDelivery
from content.outgoing import outgoing_piece
from engagement.stop_querysets import go_through
from listening import networks
from listening.networks.protocols import Accepted, Access, NotSent
from listening.networks.publishing import FindsPieces, Publishes
from listening.way_out import states
from listening.way_out.owners import who_decides
from listening.way_out.way import WayOut
from roles.audit import record
from roles.background import hint
from roles.live import look_again
from roles.models import Member
from roles.permissions import decide

State = Publication.State
PUBLISH = "content.tasks.publish_due"
Follows = Callable[[Publication, datetime], None]
_follow: list[Follows] = []


def when_published(follow: Follows) -> Follows:
    """Have a function called in the transaction in which a network has taken a publication, or a person said so."""
    _follow.append(follow)
    return follow


class PublicationsOut(WayOut[Publication]):
    """Publications on their way out."""

    rows, attempts, about = Publication, PublicationDelivery, "publication"

    def whole(self) -> QuerySet[Publication]:
        """With variant, piece and channel read along."""
        return Publication.objects.with_everything()

    def lock_above(self, key: int) -> None:
        """The piece is locked before what is published of it: nobody edits it meanwhile."""
        Piece.objects.select_for_update(no_key=True, of=("self",)).get(variants__publications=key)

    def go_through(self) -> None:
        """A stop that was committed before is seen."""
        go_through()

    def forbids(self, row: Publication) -> str:
        """What was dropped, what no network here speaks for any more, or whoever planned it may not."""
        if row.variant.is_dropped or row.variant.piece.state == Piece.State.DROPPED:
            return _("It was dropped meanwhile.")
        if not networks.is_installed(row.channel.network):
            return _("The network “%(name)s” is not installed here any more.") % {"name": row.channel.network}
        if decide(row.planned_by, "content.plan", row):
            return ""
        return _("%(name)s, who planned it, may not publish here any more. Plan it again.") % {"name": row.planned_by}

    def keeps_back(self, row: Publication, *, at: datetime) -> bool:
        """Whether it is too late, is stopped, waits for a yes or its channel, or for a person's hand."""
        if at > row.missed_at:
            miss(row, at=at)
        elif reason := stopped(row, at=at):
            states.keep_back(row, State.HELD, reason)
            _put_before_a_person(row, at=at)
            self.told(row, at=at)
        elif reason := waits_for(row, at=at):
            states.keep_back(row, State.WAITING, reason)
            self.told(row, at=at)
        elif not networks.can(row.channel.network, Publishes):
            _wait_for_a_hand(row, at=at)
        else:
            row.digest, row.begun_at = digest_of(row.variant), row.begun_at or at
            row.save(update_fields=["digest", "begun_at"])
            return False
        return True

    def send(self, access: Access, row: Publication) -> Accepted:
        """Publish it, as it was when everybody had said yes."""
        network = networks.get(row.channel.network)
        assert isinstance(network, Publishes)
        if digest_of(row.variant) != row.digest:
            raise NotSent(_("It was changed in the same moment. Touchline asks again whether it may go out."))
        try:
            piece = outgoing_piece(row)
        except OSError as problem:
            raise NotSent(_("A file that belongs to it could not be read. Touchline tries it again.")) from problem
        return network.publish(access, piece)

    def can_look(self, row: Publication) -> bool:
        """Networks that find pieces."""
        return networks.can(row.channel.network, FindsPieces)

    def find(self, access: Access, row: Publication) -> Accepted | None:
        """Look for the piece with this key."""
        network = networks.get(row.channel.network)
        assert isinstance(network, FindsPieces)
        return network.find_piece(access, outgoing_piece(row, is_look=True))

    def accepted(
        self, row: Publication, *, remote_id: str, remote_url: str, at: datetime, looks_left: bool, seen: bool
    ) -> None:
        """It is said; what was to be said below it follows."""
        states.accept(row, remote_id=remote_id, remote_url=remote_url, looks_left=looks_left, seen=seen, at=at)
        after = {"remote_id": row.remote_id, "remote_url": row.remote_url}
        record("accept_publication", row, by=None, at=at, after=after)
        for follow in _follow:
            follow(row, at)
        self.told(row, at=at)

    def refused(self, row: Publication, problem: str, *, at: datetime) -> None:
        """A person decides."""
        states.refuse(row, problem, owner=self.owner_of(row, at=at), at=at)
        record("refuse_publication", row, by=None, at=at, after={"problem": row.problem})
        self.told(row, at=at)

    def lost(self, row: Publication, *, at: datetime) -> None:
        """Nobody knows whether it arrived."""
        record("lose_publication", row, by=None, at=at, after={"problem": row.problem})

    def told(self, row: Publication, *, at: datetime) -> None:
        """Lists of publications and the page of the piece show it."""
        look_again(f"piece:{row.variant.piece_id}")

    def owner_of(self, row: Publication, *, at: datetime) -> Member:
        """Who planned it, or who is on call."""
        department = row.department
        return who_decides(row.planned_by, "content.settle_publication", department.pk if department else None, at=at)


publications_out = PublicationsOut()


def miss(row: Publication, *, at: datetime) -> None:
    """Write down that its time has passed, and tell those whose it is. Inside a transaction, with the row held."""
    reason = row.problem
    states.keep_back(
        row, State.MISSED, _("Its time has passed, and it did not go out. %(why)s").rstrip() % {"why": reason}
    )
    _put_before_a_person(row, at=at)
    record("miss_publication", row, by=None, at=at, after={"due_at": row.due_at, "problem": reason})
    tell_missed(row, at=at)
    publications_out.told(row, at=at)


def _wait_for_a_hand(row: Publication, *, at: datetime) -> None:
    states.keep_back(row, State.BY_HAND, _("It is time: post it there by hand, then say where it stands."))
    _as_it_is_now(row, at=at)
    _put_before_a_person(row, at=at)
    tell_by_hand(row, at=at)
    publications_out.told(row, at=at)


def _as_it_is_now(row: Publication, *, at: datetime) -> None:
    """What is posted by hand from now on is this, with links that are counted."""
    row.digest, row.begun_at = digest_of(row.variant), row.begun_at or at
    row.save(update_fields=["digest", "begun_at"])
    track_links(row)


def _put_before_a_person(row: Publication, *, at: datetime) -> None:
    row.put_before_person_at, row.owner = at, publications_out.owner_of(row, at=at)
    row.reminded_at = None
    row.save(update_fields=["put_before_person_at", "owner", "reminded_at"])


def go_on(row: Publication, *, at: datetime) -> None:
    """Have its turn come again, for what held it back is over. Inside a transaction, piece held."""
    row.put_before_person_at, row.owner, row.reminded_at = None, None, None
    row.save(update_fields=["put_before_person_at", "owner", "reminded_at"])
    stand_by(row, at=at)
    publications_out.told(row, at=at)


def stand_by(row: Publication, *, at: datetime) -> None:
    """Have it go out when its time comes, or say what it waits for until then. Inside a transaction, piece held."""
    if reason := waits_for(row, at=at):
        states.keep_back(row, State.WAITING, reason)
        return
    states.make_ready(row, at=max(row.due_at, at))
    if row.due_at <= at:
        hint(PUBLISH)


def look_at_plan(piece: Piece, *, at: datetime) -> None:
    """Ask again what the publications of a piece wait for, as it stands now. Inside a transaction, piece held.

    To be called by whoever gave or took back what one of them waits for.
    """
    # What a person is to post by hand may have been changed since they were told of it.
    states_asked = [State.WAITING, State.READY, State.BY_HAND]
    rows = Publication.objects.filter(variant__piece=piece, state__in=states_asked, lease_key="")
    for row in rows.select_for_update(of=("self",), no_key=True).with_everything():
        reason = waits_for(row, at=at)
        if bool(reason) != (row.state == State.WAITING) or (reason and reason != row.problem):
            go_on(row, at=at)
        elif row.state == State.BY_HAND:
            _as_it_is_now(row, at=at)
