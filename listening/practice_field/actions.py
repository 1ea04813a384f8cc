"""What happens on the practice field, as if it were somebody else's network."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from listening.models import PracticeAccount, PracticePost, Source
from listening.networks.practice.parse import POST_LIMIT, count
from roles.audit import record
from roles.background import hint
from roles.live import look_again
from roles.models import Member
from roles.permissions import allowed
from roles.tenancy import active_organization_id

LOCK_CLASS = 0x50524143  # any number that no other advisory lock of ours uses


@allowed("listening.practise")
def post(
    account: PracticeAccount,
    *,
    text: str,
    by: Member | None,
    at: datetime,
    in_reply_to: PracticePost | None = None,
    key: str | None = None,
) -> PracticePost:
    """Say something on the field; the same key again returns the post that it made."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    if count(text) > POST_LIMIT:
        raise ValidationError({"text": _("At most %(limit)s characters fit into a post.") % {"limit": POST_LIMIT}})
    with transaction.atomic():
        number = _next_number()
        if key and (earlier := PracticePost.objects.filter(key=key).first()):
            return earlier
        made = PracticePost.objects.create(
            account=account,
            text=text,
            in_reply_to=in_reply_to,
            thread_id=(in_reply_to.thread_id or in_reply_to.pk) if in_reply_to else None,
            key=key,
            published_at=at,
            changed_number=number,
        )
        if by:
            record("post_on_practice_field", made, by=by, at=at)
        _tell(at)
    return made


@allowed("listening.practise")
def edit(target: PracticePost, *, text: str, by: Member | None, at: datetime) -> PracticePost:
    """Change what a post says; listeners see a revision."""
    text = text.strip()
    if not text or count(text) > POST_LIMIT:
        raise ValidationError({"text": _("A post has between 1 and %(limit)s characters.") % {"limit": POST_LIMIT}})
    return _change(target, by=by, at=at, verb="edit_practice_post", text=text, edited_at=at)


@allowed("listening.practise")
def remove(target: PracticePost, *, by: Member | None, at: datetime) -> PracticePost:
    """Take a post down; listeners see that it was withdrawn."""
    return _change(target, by=by, at=at, verb="remove_practice_post", removed_at=at)


def _change(target: PracticePost, *, by: Member | None, at: datetime, verb: str, **fields: object) -> PracticePost:
    with transaction.atomic():
        fields["changed_number"] = _next_number()
        for name, value in fields.items():
            setattr(target, name, value)
        target.save(update_fields=list(fields))
        if by:
            record(verb, target, by=by, at=at)
        _tell(at)
    return target


def _next_number() -> int:
    """Take the next number of change. The lock makes numbers commit in their order, so that no reader skips one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, active_organization_id() % 2**31])
    last = PracticePost.objects.aggregate(last=Max("changed_number"))["last"]
    return (last or 0) + 1


def _tell(at: datetime) -> None:
    look_again("practice")
    field = Source.objects.active().filter(network="practice")
    field.make_due(at)
    if field.exists():
        hint("listening.tasks.poll_due")
