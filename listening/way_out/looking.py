"""Looking whether what went out stands at its network: one row by itself, or many of an account at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from listening import networks
from listening.access import access_for_channel
from listening.models.outgoing import Attempt, Outgoing
from listening.networks.protocols import Accepted, Access, SeesMany
from listening.way_out import housekeeping
from listening.way_out.housekeeping import LOOKS, SEEN_LOOKS, Claimed
from roles.models import Member
from roles.statements import by_key
from roles.tenancy import acting_for

Now = Callable[[], datetime]
Row = TypeVar("Row", bound=Outgoing)
Kind = Attempt.Kind
# Two looks that do not find it are enough to put it before a person; the looks go on meanwhile.
ABSENT_IS_SURE_AFTER = 2


class Looking(ABC, Generic[Row]):
    """How rows of one kind are looked for; `about` is the name by which an attempt knows its row."""

    rows: type[Row]
    attempts: type[Attempt]
    about: str

    @abstractmethod
    def whole(self) -> QuerySet[Row]:
        """The rows, with everything that is asked of one on its way read along."""

    @abstractmethod
    def lock_above(self, key: int) -> None:
        """Lock what everyone locks before a row of this kind."""

    @abstractmethod
    def can_look(self, row: Row) -> bool:
        """Whether its network can be asked whether it arrived."""

    @abstractmethod
    def find(self, access: Access, row: Row) -> Accepted | None:
        """Look, without writing, whether it arrived."""

    @abstractmethod
    def accepted(
        self, row: Row, *, remote_id: str, remote_url: str, at: datetime, looks_left: bool, seen: bool
    ) -> None:
        """Write down that the network has it, and what follows from that."""

    @abstractmethod
    def told(self, row: Row, *, at: datetime) -> None:
        """Tell open pages, and whoever counts, that the row is another now."""

    @abstractmethod
    def owner_of(self, row: Row, *, at: datetime) -> Member:
        """Who has to act where it did not simply go out."""

    def look_next(self, *, now: Now) -> bool:
        """Look for one row at its network, without writing there; returns whether there was one to look for.

        Where the network tells of many at once, others of the same account that were accepted are looked for with it.
        """
        claimed = housekeeping.claim_look(self.rows, at=now())
        if claimed is None:
            return False
        with acting_for(claimed.organization):
            for one in self._look_together(claimed, now=now):
                self._look(one, now=now)
        return True

    def still_looking(self, row: Row) -> bool:
        """Whether workers are still looking whether it arrived: until then nobody may try again or give up."""
        return row.state == row.UNKNOWN and row.put_before_person_at is None and self.can_look(row)

    def hold(self, claimed: Claimed) -> Row:
        """Lock what stands above the row and then the row, in the order in which everyone does; returns it as it is."""
        self.lock_above(claimed.key)
        return by_key(self.whole().select_for_update(no_key=True, of=("self",)), claimed.key)

    def _look_together(self, claimed: Claimed, *, now: Now) -> list[Claimed]:
        """See at once what stands there; returns what has to be looked for by itself."""
        first = by_key(self.whole(), claimed.key)
        name = first.channel.network
        if first.state != first.ACCEPTED or not first.remote_id or not networks.can(name, SeesMany):
            return [claimed]
        network = networks.get(name)
        assert isinstance(network, SeesMany)
        together = [claimed, *housekeeping.claim_alike(self.rows, channel=first.channel_id, at=now())]
        rows = {row.pk: row for row in self.whole().filter(pk__in=[one.key for one in together])}
        started_at = now()
        try:
            access = access_for_channel(first.channel, at=started_at)
            standing = network.standing(access, [row.remote_id for row in rows.values()])
        except Exception as problem:  # noqa: BLE001 - a look that fails says nothing about the rows
            for one in together:
                row = rows[one.key]
                self._looked(one, row, None, outcome="failed", problem=str(problem), started_at=started_at, at=now())
            return []
        found = [one for one in together if rows[one.key].remote_id in standing]
        for one in found:
            row = rows[one.key]
            self._looked(one, row, Accepted(row.remote_id, row.remote_url), started_at=started_at, at=now())
        return [one for one in together if one not in found]

    def _look(self, claimed: Claimed, *, now: Now) -> None:
        seen = by_key(self.whole(), claimed.key)
        started_at, found, outcome, problem = now(), None, "absent", ""
        try:
            found = self.find(access_for_channel(seen.channel, at=started_at), seen)
        except Exception as told_us:  # noqa: BLE001 - a look that fails says nothing about the row
            outcome, problem = "failed", str(told_us)
        self._looked(claimed, seen, found, outcome=outcome, problem=problem, started_at=started_at, at=now())

    @transaction.atomic
    def _looked(
        self, claimed: Claimed, seen: Row, found: Accepted | None, *, outcome: str = "", problem: str = "",
        started_at: datetime, at: datetime,
    ) -> None:  # fmt: skip
        self._attempted(
            seen, kind=Kind.LOOK, started_at=started_at, finished_at=at, outcome="found" if found else outcome,
            problem=problem[:500],
        )  # fmt: skip
        row = self.hold(claimed)
        # A person may have settled it meanwhile, or a new attempt begun: then this look is of no use.
        if row.lease_key != claimed.lease_key or row.state != seen.state:
            return
        if row.state == row.ACCEPTED:
            self._seen(row, found, failed=outcome == "failed", at=at)
        elif found:
            self.accepted(row, remote_id=found.id, remote_url=found.url, at=at, looks_left=False, seen=True)
        else:
            self._not_found(row, failed=outcome == "failed", at=at)

    def _seen(self, row: Row, found: Accepted | None, *, failed: bool, at: datetime) -> None:
        """Write down that what was accepted can be seen, or, after the last look, that it cannot or was not told."""
        if found:
            row.seen_at, row.problem = at, ""
        elif failed and (failures := self._attempts(row, kind=Kind.LOOK, outcome="failed").count()) < len(LOOKS):
            # It was not asked, so it is no look; it is made again, later each time.
            row.looks, row.next_attempt_at = row.looks - 1, at + timedelta(seconds=LOOKS[failures])
        elif row.looks >= SEEN_LOOKS:
            row.problem = (
                _("The network took it, but does not tell whether it can be seen there.")
                if failed
                else _("The network took it, but it cannot be seen there.")
            )
        row.save(update_fields=["seen_at", "problem", "looks", "next_attempt_at"])
        self.told(row, at=at)

    def _not_found(self, row: Row, *, failed: bool, at: datetime) -> None:
        """Go on looking, and put it before a person once it is sure that more looks will not tell."""
        last_send = self._attempts(row, kind=Kind.SEND).order_by("-pk").first()
        looks = self._attempts(row, kind=Kind.LOOK, outcome="absent", pk__gt=last_send.pk if last_send else 0)
        absent = looks.count() >= ABSENT_IS_SURE_AFTER
        if absent:
            row.problem = _("It is not at the network. Send it again, or give up.")
        elif row.looks >= len(LOOKS):
            row.problem = _("The network does not tell whether it arrived. Look there, then say how it is.")
        elif failed:
            row.problem = _("The network cannot be asked now. Touchline goes on checking whether it arrived.")
        if (absent or row.looks >= len(LOOKS)) and row.put_before_person_at is None:
            self._put_before_a_person(row, at=at)
        row.save(update_fields=["problem", "put_before_person_at", "owner"])
        self.told(row, at=at)

    def _put_before_a_person(self, row: Row, *, at: datetime) -> None:
        row.put_before_person_at, row.owner = at, self.owner_of(row, at=at)

    # Attempts, whatever they call their row.

    def _attempts(self, row: Row, **which: Any) -> QuerySet[Attempt]:
        return self.attempts.objects.filter(**{self.about: row}, **which)

    def _attempted(self, row: Row, **what: Any) -> Attempt:
        return self.attempts.objects.create(**{self.about: row}, **what)
