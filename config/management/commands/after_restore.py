"""After a backup was brought back, before workers start: what was due may have gone out since."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from content.tasks import WAYS
from engagement.outbox import replies_out
from roles import clock
from roles.housekeeping import doubt_mails


class Command(BaseCommand):
    """Have everything that is due looked for at its network instead of sent; where it cannot be seen, people decide."""

    help = "After pg_restore, before workers start: look for what is due at the networks instead of sending it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        at = clock.now()
        outgoing = sum(way.doubt(at=at) for way in (replies_out, *WAYS))
        mails = doubt_mails(at)
        self.stdout.write(f"{outgoing} replies and publications are looked for; {mails} e-mails wait for their owners.")
