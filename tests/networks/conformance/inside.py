"""The stages of networks inside the house: webhooks that come in, feeds of our own, and what is done by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from django.test import Client

from content.actions.channels import add_channel
from listening.access import access_for_channel, access_for_source
from listening.actions.webhooks import add_inbound_webhook
from listening.networks.by_hand import network as by_hand
from listening.networks.feed.parse import parse_feed
from listening.networks.own_feed import network as own_feed
from listening.networks.protocols import Access
from listening.networks.webhook import network as webhook
from listening.networks.webhook import signature
from roles import clock
from roles.tenancy import active_organization
from tests.networks.conformance.stage import INSIDE, Stage

NOT_ASKED = "It is not asked over a line that could be slow, busy or cut: it sends, and we keep what it sent."


class WebhookStage(Stage):
    """A program that sends to an address of ours, signed; what it sends is kept before it is thanked for."""

    network, needs_organization = webhook, True
    unplayed: ClassVar[Mapping[str, str]] = {"asks_to_wait": NOT_ASKED, "is_out_of_order": NOT_ASKED}

    def __enter__(self) -> Self:
        self.address, self.secret = add_inbound_webhook(name="Reviews", by=None, at=clock.now())
        self.sent = 0
        return self

    def access(self) -> Access:
        return access_for_source(self.address.source, at=clock.now())

    def says(self, text: str) -> str:
        self.sent += 1
        own = f"review-{self.sent}"
        body = json.dumps({"id": own, "text": text}).encode()
        headers = signature.sign(self.secret, key=f"message-{self.sent}", at=clock.now(), body=body)
        to = f"/hooks/{self.address.key}/"
        assert Client().post(to, body, content_type="application/json", headers=headers).status_code == 202
        return own


class OwnFeedStage(Stage):
    """A feed of ours; what stands in it is read as anybody's reader reads it."""

    network, needs_organization = own_feed, True
    unplayed: ClassVar[Mapping[str, str]] = {"loses_next_answer": INSIDE}

    def __enter__(self) -> Self:
        organization = active_organization()
        self.channel = add_channel(organization, network="own-feed", name="Journal", by=None, at=clock.now())
        return self

    def access(self) -> Access:
        return access_for_channel(self.channel, at=clock.now())

    def pieces(self) -> Sequence[str]:
        answer = Client().get(f"/feeds/{self.channel.account_id}/")
        assert answer.status_code == 200
        return [post.text for post in parse_feed(answer.content, content_type=answer["Content-Type"]).posts]


class ByHandStage(Stage):
    """A place to which no program leads: it can do nothing, so nothing but its name and its refusals is asked."""

    network = by_hand
