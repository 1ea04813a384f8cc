"""What the team says about a piece: comments, answers, and that one is settled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from content.anchoring import Anchor, anchored, anchored_again
from content.models import Comment, Piece, Variant
from content.writing import after_save
from engagement.naming import named_in
from roles.actions.mail import write_mail
from roles.audit import record
from roles.live import look_again
from roles.models import Member
from roles.permissions import allowed
from roles.speaking import in_words_for
from roles.tenancy import active_organization

LONGEST, LONGEST_QUOTE = 4000, 1000


@allowed("content.comment")
@transaction.atomic
def comment(
    piece: Piece,
    *,
    text: str,
    variant: Variant | None = None,
    quote: str = "",
    near: int = 0,
    answers: Comment | None = None,
    to: Iterable[Member] = (),
    by: Member,
    at: datetime,
) -> Comment:
    """Say something about a piece or a variant: about the passage `quote`, nearest to the place `near`, or the whole.

    Colleagues whom it names with @, those in `to`, whose comment it answers, and the author of the piece are told by
    mail. Raises ValidationError where there is nothing to read, or the passage does not stand in the text as it is
    saved by now: nobody saves it while a passage is looked for.
    """
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("A comment has at most %(limit)s characters.") % {"limit": LONGEST}})
    if answers is not None:
        # An answer stands below the comment that began it, about the same.
        answers = answers.answers or answers
        variant, quote = answers.variant, ""
    row = Comment(piece=piece, variant=variant, answers=answers, by=by, text=text, written_at=at)
    if quote.strip():
        row.move_to(_passage(_text_held(piece, variant), quote, near))
    row.save()
    record("comment", row, by=by, at=at, after={"piece": piece.pk})
    _tell(row, wanted={member.pk for member in to}, at=at)
    look_again(f"piece:{piece.pk}")
    return row


def _text_held(piece: Piece, variant: Variant | None) -> str:
    """Return the text of a piece or a variant as it was saved last; it stays so until the transaction ends."""
    row = Piece.objects.select_for_update(of=("self",), no_key=True).only("body").get(pk=piece.pk)
    return str(Variant.objects.only("text").get(pk=variant.pk).text if variant else row.body)


def _passage(text: str, quote: str, near: int) -> Anchor:
    if len(quote) > LONGEST_QUOTE:
        raise ValidationError({"quote": _("A passage has at most %(limit)s characters.") % {"limit": LONGEST_QUOTE}})
    if (found := anchored(text, quote, near=near)) is None:
        raise ValidationError({"quote": _("These words are not in the text as it was saved.")})
    return found


def _tell(row: Comment, *, wanted: set[int], at: datetime) -> None:
    people = list(Member.objects.who_may("content.read").exclude(pk=row.by.pk).select_related("user"))
    if strangers := wanted - {member.pk for member in people}:
        raise ValidationError({"to": _("%(number)s of them cannot see this piece.") % {"number": len(strangers)}})
    concerned = wanted | {member.pk for member in named_in(row.text, people)} | {row.piece.author_id}
    if row.answers is not None:
        concerned.add(row.answers.by_id)
    told = [member for member in people if member.pk in concerned]
    row.told_ids = [member.pk for member in told]
    row.save(update_fields=["told_ids"])
    for member in told:
        _write(row, member, at=at)


def _write(row: Comment, member: Member, *, at: datetime) -> None:
    shown = f"?variant={row.variant_id}" if row.variant_id else ""
    where = f"/o/{active_organization().slug}/content/pieces/{row.piece_id}/{shown}#comments"
    with in_words_for(member):
        write_mail(
            member,
            key=f"comment {row.pk}",
            kind="comment",
            subject=_("%(by)s commented on “%(piece)s”") % {"by": row.by, "piece": row.piece},
            template="content/mail/comment",
            context={
                "comment": row,
                "action_url": f"{settings.SITE_URL}{where}",
                "action_label": _("Open the piece"),
            },
            at=at,
        )


@allowed("content.comment")
@transaction.atomic
def resolve_comment(comment: Comment, *, by: Member, at: datetime) -> Comment:
    """Say that a comment and its answers are settled; it stays to be read."""
    return _settle(comment, "resolve_comment", at, by=by, at=at)


@allowed("content.comment")
@transaction.atomic
def reopen_comment(comment: Comment, *, by: Member, at: datetime) -> Comment:
    """Say that a comment is not settled after all."""
    return _settle(comment, "reopen_comment", None, by=by, at=at)


def _settle(comment: Comment, verb: str, moment: datetime | None, *, by: Member, at: datetime) -> Comment:
    row = Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=comment.answers_id or comment.pk)
    if (row.resolved_at is None) != (moment is None):
        row.resolved_at, row.resolved_by = moment, by if moment else None
        row.save(update_fields=["resolved_at", "resolved_by"])
        record(verb, row, by=by, at=at, after={"piece": row.piece_id})
        look_again(f"piece:{row.piece_id}")
    return row


@after_save
def find_passages(piece: Piece, _by: Member | None, _at: datetime) -> None:
    """Find the passages of open comments in what was just saved; those whose words were changed are marked so."""
    rows = Comment.objects.filter(piece=piece, resolved_at=None).exclude(quote="").select_related("variant")
    changed = []
    for row in rows:
        before = (row.anchor, row.is_changed)
        row.move_to(anchored_again(row.variant.text if row.variant else piece.body, row.anchor))
        if (row.anchor, row.is_changed) != before:
            changed.append(row)
    Comment.objects.bulk_update(changed, ["quote", "before", "after", "start", "is_changed"])
