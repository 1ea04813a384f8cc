"""What is told by mail of publications: that one was missed, that one has to be posted by hand, that one waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.by_hand import to_post
from content.models import Publication
from roles.actions.mail import write_mail
from roles.links import inside_address
from roles.models import Member
from roles.speaking import in_words_for

KIND = "publication"


def tell_missed(row: Publication, *, at: datetime) -> None:
    """Tell whoever has to act, and the author where that is somebody else, that a publication did not go out."""
    for member in {row.owner, row.variant.piece.author}:
        if member is not None and member.is_active:
            _write(
                row,
                member,
                key=f"missed {row.pk} {int(row.due_at.timestamp())}",
                subject=gettext_lazy("Not published: %(what)s"),
                at=at,
            )


def tell_by_hand(row: Publication, *, at: datetime) -> None:
    """Tell whoever has to post it that it is time."""
    if row.owner is not None:
        _write(
            row,
            row.owner,
            key=f"by hand {row.pk} {int(row.due_at.timestamp())}",
            subject=gettext_lazy("Post this by hand: %(what)s"),
            at=at,
        )


def remind_of_publication(row: Publication, member: Member, *, at: datetime) -> None:
    """Remind whoever must act on a publication that did not simply go out."""
    waits_since = row.put_before_person_at or at
    key = f"publication {row.pk} {int(waits_since.timestamp())}"
    _write(row, member, key=key, subject=gettext_lazy("A publication waits for you: %(what)s"), at=at)


def _write(row: Publication, member: Member, *, key: str, subject: Any, at: datetime) -> None:
    by_hand = to_post([row]).get(row.pk)
    with in_words_for(member):
        write_mail(
            member,
            key=key,
            kind=KIND,
            subject=str(subject) % {"what": row},
            template="content/mail/publication",
            context={
                "publication": row,
                "by_hand": by_hand,
                "action_url": inside_address("content:publication", row.pk),
                "action_label": _("See it"),
            },
            at=at,
        )
