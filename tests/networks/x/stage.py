"""The stage of X: its strict double on loopback, where Ada speaks to us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from aiohttp import web

from listening.networks.x import client
from listening.networks.x import network as x
from tests.networks.conformance.served import ServedStage
from tests.networks.x.double import ADA, KEYS, OURS, Service


class XStage(ServedStage):
    """An account to which Ada speaks. A post that is gone cannot be answered, and X says so as it says all else."""

    network, place = x, "mentions of @acme"

    def app(self) -> web.Application:
        self.service = Service()
        return self.service.app()

    def begins(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(client, "API", self.address)

    def filled(self) -> tuple[str, Mapping[str, str]]:
        return "own_app", KEYS

    def says(self, text: str) -> str:
        # Without her `@acme`, which is no word of hers here: she answers something of ours.
        if not hasattr(self, "ours"):
            self.ours = self.service.say(OURS, "Welcome")
        return self.service.say(ADA, text, to=self.ours)

    def edits(self, post: str, text: str) -> None:
        self.service.say(ADA, text, edits=post)

    def deletes(self, post: str) -> None:
        self.service.delete(post)

    def answers_to(self, post: str) -> Sequence[str]:
        rows = [row for row in self.service.posts.values() if row["author_id"] == OURS and "said" in row]
        return [row["said"] for row in rows if row["referenced_tweets"][0]["id"] == post]

    def loses_next_answer(self) -> None:
        self.loses = True

    def asks_to_wait(self, seconds: int) -> None:
        reset = int(datetime.now(UTC).timestamp()) + seconds
        said = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
        self.trouble = (429, {"title": "Too Many Requests", "status": 429}, said)

    def withdraws_access(self) -> None:
        self.trouble = (401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}, {})
