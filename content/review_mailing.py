"""Mails about reviews: the question with its link, that it came back, and that it takes long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core import signing
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.models import Piece, Review, ReviewedVariant, ReviewGuest, ReviewStep
from roles.actions.mail import write_mail
from roles.links import inside_address, outside_address
from roles.models import Member
from roles.speaking import in_words_for

LINK_SALT, LINK_LIVES = "touchline.review", timedelta(days=14)
ASKED = gettext_lazy("%(name)s asks you to review “%(piece)s”")
REMINDED = gettext_lazy("Reminder: %(name)s asks you to review “%(piece)s”")


def ask_by_mail(
    step: ReviewStep,
    review: Review,
    piece: Piece,
    rows: Sequence[ReviewedVariant],
    member: Member,
    *,
    seal: str,
    at: datetime,
    again: bool = False,
) -> None:
    """Ask somebody to look at a piece before it goes out, or, with `again`, remind them."""
    _ask(
        REMINDED if again else ASKED, str(review.asked_by or "Touchline"), piece, rows, member, kind="review",
        key=f"review {step.pk}{' again' if again else ''} {seal[:16]}", due_at=step.due_at,
        url=outside_address("content:review_by_link", review_token(step, member, seal)),
        inside_url=inside_address("content:review", review.pk), at=at,
    )  # fmt: skip


def ask_guest_by_mail(
    guest: ReviewGuest,
    piece: Piece,
    rows: Sequence[ReviewedVariant],
    *,
    key: str,
    by: Member,
    at: datetime,
    again: bool = False,
) -> None:
    """Ask somebody outside, or remind them, in the name of the member who asks; the link is for them alone."""
    _ask(
        REMINDED if again else ASKED, str(by), piece, rows, by, guest=guest, kind="guest",
        key=f"guest {guest.pk}{' again' if again else ''}",
        due_at=guest.step.due_at if guest.is_named else guest.expires_at,
        url=outside_address("content:review_as_guest", key), at=at,
    )  # fmt: skip


def _ask(
    words: Promise | str, name: str, piece: Piece, rows: Sequence[ReviewedVariant], member: Member, *, kind: str,
    key: str, due_at: datetime | None, url: str, at: datetime, inside_url: str = "", guest: ReviewGuest | None = None,
) -> None:  # fmt: skip
    """Write the one mail that asks: to a member, or to a guest in the member's words."""
    with in_words_for(member):
        said = str(words) % {"name": name, "piece": piece}
        write_mail(
            member,
            to_address=guest.email if guest else "",
            key=key,
            kind=kind,
            subject=said,
            template="content/mail/review",
            context={
                "heading": said,
                "piece": piece,
                "rows": rows,
                "due_at": due_at,
                "is_guest": guest is not None,
                "inside_url": inside_url,
                "action_url": url,
                "action_label": _("Read and decide"),
            },
            at=at,
        )


def review_token(step: ReviewStep, member: Member, seal: str) -> str:
    """Return what lets one member decide about exactly these variants, for two weeks and for nothing else."""
    return signing.dumps([step.organization_id, step.pk, member.pk, seal], salt=LINK_SALT)


def read_review_token(value: str) -> tuple[int, int, int, str]:
    """Return (organization, step, member, seal) of a link; raises django.core.signing.BadSignature."""
    organization, step, member, seal = signing.loads(value, salt=LINK_SALT, max_age=LINK_LIVES)
    return int(organization), int(step), int(member), str(seal)


def tell_writers(
    review: Review, piece: Piece, *, heading: str, reason: str, key: str, by: Member | None, at: datetime
) -> None:
    """Tell the author, and whoever asked, what became of their question; not whoever decided it."""
    people = {person.pk: person for person in (piece.author, review.asked_by) if person is not None}
    for member in people.values():
        if member.is_active and (by is None or member.pk != by.pk):
            _tell(review, piece, member, key=key, heading=heading, reason=reason, at=at)


def tell_late(step: ReviewStep, review: Review, piece: Piece, member: Member, *, who: str, at: datetime) -> None:
    """Tell a coach that nobody has decided in the time that the policy gives."""
    with in_words_for(member):
        heading = _("Nobody has reviewed “%(piece)s” in time") % {"piece": piece}
        reason = _("Asked: %(who)s.") % {"who": who}
    _tell(review, piece, member, key=f"late {step.pk} {member.pk}", heading=heading, reason=reason, at=at)


def tell_link_ended(guest: ReviewGuest, review: Review, piece: Piece, member: Member, *, at: datetime) -> None:
    """Tell whoever asked somebody outside that their link has ended, and that the review waits for them still."""
    with in_words_for(member):
        heading = _("%(name)s has not answered about “%(piece)s”") % {"name": guest.name, "piece": piece}
        if guest.is_named:
            reason = _("Their link has ended, and the review waits for their yes, as the policy says. Send a new link.")
        else:
            reason = _("Their link has ended, and the review waits for their yes. Ask them once more, or take it back.")
    _tell(review, piece, member, key=f"guest ended {guest.pk} {member.pk}", heading=heading, reason=reason, at=at)


def _tell(
    review: Review, piece: Piece, member: Member, *, key: str, heading: str, reason: str, at: datetime
) -> None:  # fmt: skip
    with in_words_for(member):
        write_mail(
            member,
            key=f"review {key}",
            kind="review",
            subject=heading,
            template="content/mail/review_news",
            context={
                "heading": heading,
                "piece": piece,
                "reason": reason,
                "action_url": inside_address("content:review", review.pk),
                "action_label": _("Open the review"),
            },
            at=at,
        )
