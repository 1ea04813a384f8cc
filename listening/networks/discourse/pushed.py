"""What a forum tells by webhook: posts that were written, edited, taken down; and who may tell it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from listening.networks.answers import part, word
from listening.networks.discourse.client import Forum
from listening.networks.discourse.parse import post_of
from listening.networks.protocols import RemotePost
from listening.networks.pushes import Push
from listening.networks.words import _

STEPS = (
    _("In the forum, open Admin, Advanced, Webhooks, and make a new one with the address as its payload URL."),
    _("Choose the content type application/json, and put the secret in."),
    _("Choose “Select individual events”, and all events of posts; then save, and send a ping."),
)
# Other kinds are notes of the software, and what the staff say among themselves.
REGULAR = "1"


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether the forum that has the secret sent this."""
    told = headers.get("x-discourse-event-signature", "")
    made = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(made.encode(), told.encode("utf-8", "replace"))


def push_of(headers: Mapping[str, str]) -> Push:
    """Read id and event; without an id the body itself is its id."""
    return Push(headers.get("x-discourse-event-id", ""), headers.get("x-discourse-event", "")[:80])


def posts_of(forum: Forum, event: str, body: bytes) -> Sequence[RemotePost]:
    """Read a push. What is not for everybody to read is left out; raises ValueError where it cannot be read."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise ValueError(_("The forum sent something that is not JSON.")) from problem
    row = part(told, "post") if isinstance(told, dict) else {}
    if not row:
        return ()
    if word(row, "topic_archetype") == "private_message" or row.get("hidden") is True:
        return ()
    if word(row, "post_type") not in {"", REGULAR}:
        return ()
    post = post_of(row, forum.address, host=forum.host)
    if post is None:
        raise ValueError(_("The forum told of a post without its number."))
    return (RemotePost(id=post.id, deleted=True),) if event == "post_destroyed" else (post,)
