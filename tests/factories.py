"""Rows for tests, made by plain functions for the active organization: one names what matters."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile

from content.digest import digest_of
from content.models import Media, Piece, Publication, Variant
from engagement.models import Assignment
from listening.models import Author, Channel, Correction, Mention, Post, Source, Topic, TrackingQuery
from roles import clock
from roles.models import Department, Member

_numbers = count(1)


def source(**fields: Any) -> Source:
    """A feed that exists nowhere."""
    number = next(_numbers)
    return Source.objects.create(
        **{"network": "feed", "place": f"https://feed{number}.example.org/", "name": f"Feed {number}", **fields}
    )


def channel(**fields: Any) -> Channel:
    """The organization's account on the practice field."""
    number = next(_numbers)
    return Channel.objects.create(
        **{"network": "practice", "account_id": str(number), "handle": f"acme{number}", "name": "Acme", **fields}
    )


def query(expression: str = "acme", **fields: Any) -> TrackingQuery:
    """A tracking query."""
    return TrackingQuery.objects.create(**{"name": f"Query {next(_numbers)}", "expression": expression, **fields})


def topic(name: str = "", **fields: Any) -> Topic:
    """What mentions can be about."""
    return Topic.objects.create(**{"name": name or f"Topic {next(_numbers)}", **fields})


def correction(text: str, kind: str, value: object, *, at: datetime | None = None, **fields: Any) -> Correction:
    """A mention whose language, sentiment or topic a person has said."""
    at = at or clock.now()
    about = mention(text, at=at, language="en", judged_by="language=shipped-1", **fields)
    if kind == "sentiment":
        type(about).objects.filter(pk=about.pk).update(sentiment=value)
    elif kind == "topic":
        type(about).objects.filter(pk=about.pk).update(topic=value)
    return Correction.objects.create(mention=about, kind=kind, value=str(value), at=at)


def post(text: str = "Is Acme down?", *, at: datetime | None = None, **fields: Any) -> Post:
    """A post that somebody wrote a minute ago."""
    number = next(_numbers)
    at = at or clock.now()
    if "author" not in fields:
        fields["author"] = Author.objects.create(network="practice", remote_id=f"a{number}", handle=f"person{number}")
    return Post.objects.create(
        **{
            "network": "practice",
            "remote_id": f"p{number}",
            "text": text,
            "published_at": at - timedelta(minutes=1),
            "captured_at": at,
            "content_digest": f"{number:064d}",
            **fields,
        }
    )


def mention(text: str = "Is Acme down?", *, at: datetime | None = None, **fields: Any) -> Mention:
    """A mention in the stream."""
    at = at or clock.now()
    about = fields.pop("post", None) or post(text, at=at)
    return Mention.objects.create(**{"post": about, "network": about.network, "captured_at": at, **fields})


def assignment(
    *,
    department: Department,
    member: Member | None = None,
    at: datetime | None = None,
    text: str = "Is Acme down?",
    **fields: Any,
) -> Assignment:
    """An open assignment, due in an hour."""
    at = at or clock.now()
    about = fields.pop("mention", None) or mention(text, at=at, department=department, state="routed")
    return Assignment.objects.create(
        **{
            "mention": about,
            "network": about.network,
            "department": department,
            "member": member,
            "created_at": at,
            "assigned_at": at if member else None,
            "due_at": at + timedelta(hours=1),
            "first_due_at": fields.get("due_at", at + timedelta(hours=1)),
            **fields,
        }
    )


def piece(title: str = "", **fields: Any) -> Piece:
    """A piece that its author began just now; somebody of the organization where none is named."""
    at = clock.now()
    if "author" not in fields:
        fields["author"] = Member.objects.order_by("pk").first()
    said = {"title": title or f"Piece {next(_numbers)}", "created_at": at, "saved_at": at, **fields}
    return Piece.objects.create(**said)


def variant(of: Piece | None = None, **fields: Any) -> Variant:
    """A variant on an account of the practice field."""
    fields.setdefault("channel", channel())
    return Variant.objects.create(**{"piece": of or piece(), "text": "We true wheels on Saturdays.", **fields})


def publication(of: Variant | None = None, *, due_at: datetime | None = None, **fields: Any) -> Publication:
    """A publication that is due in an hour, as the clocks in UTC show it."""
    about, due_at = of or variant(), (due_at or clock.now() + timedelta(hours=1)).replace(second=0, microsecond=0)
    said = {
        "planned_by": about.piece.author, "planned_at": clock.now(), "on_day": due_at.date(), "at_time": due_at.time(),
        "zone": "UTC", "due_at": due_at, "next_attempt_at": due_at, "digest": digest_of(about), "key": str(uuid4()),
    }  # fmt: skip
    return Publication.objects.create(**{"variant": about, "channel": about.channel, **said, **fields})


def media(**fields: Any) -> Media:
    """A small picture of one colour."""
    number = next(_numbers)
    body = PICTURE + number.to_bytes(4, "big")
    said = {
        "name": f"picture-{number}.png", "content_type": "image/png", "size": len(body), "width": 1, "height": 1,
        "digest": sha256(body).hexdigest(), "alt": "A red dot.", "made_at": clock.now(),
    }  # fmt: skip
    row = Media(**{**said, **fields})
    row.file.save(row.name, ContentFile(body), save=True)
    return row


# The smallest picture there is; what follows its end does not belong to it.
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==")
