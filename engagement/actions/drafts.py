"""What is written and not sent; one's own, or open to colleagues."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from engagement.changes import told
from engagement.models import Assignment, Draft, SavedReply
from engagement.refusals import Overtaken, Refusal
from roles.audit import record
from roles.live import look_again
from roles.models import Member, Role
from roles.permissions import allowed

LONGEST = 20_000
VERSIONS_KEPT = 20


@allowed("engagement.read")
@transaction.atomic
def save_draft(
    assignment: Assignment,
    *,
    text: str,
    by: Member,
    at: datetime,
    version: int | None = None,
    saved_reply: SavedReply | None = None,
) -> Draft | None:
    """Keep what a member has written; nothing written removes it. The audit log has no interest in keystrokes.

    Where a colleague has opened a draft to all, that one is written on. `version` is the one that the window was drawn
    from: what was written elsewhere since is kept as a version, and on a shared draft raises Overtaken, so that nobody
    writes over a colleague without having read them. `saved_reply` is where the text began.
    """
    text = text[:LONGEST]
    draft = _held(assignment, by)
    if draft is None:
        if not text.strip():
            return None
        made, is_new = Draft.objects.get_or_create(
            assignment=assignment,
            member=by,
            defaults={"text": text, "saved_at": at, "by": by, "saved_reply": saved_reply},
        )
        if is_new:
            return made
        draft = _held(assignment, by) or made
    if draft.text == text:
        return draft
    _keep_what_was(draft, by=by, version=version)
    if not text.strip() and draft.shared_at is None:
        draft.delete()
        return None
    draft.text, draft.saved_at, draft.by, draft.version = text, at, by, draft.version + 1
    draft.saved_reply = saved_reply or draft.saved_reply
    draft.save(update_fields=["text", "saved_at", "by", "version", "saved_reply"])
    if draft.shared_at:
        look_again(f"draft:{assignment.pk}")
    return draft


def drafts_for(assignment: Assignment, member: Member) -> list[Draft]:
    """The draft that a member goes on with: the one open to all, else their own; and their own behind it."""
    mine = Draft.objects.filter(Q(member=member) | Q(shared_at__isnull=False), assignment=assignment)
    return list(mine.select_related("member__user", "by__user").order_by("shared_at", "pk")[:2])


def draft_for(assignment: Assignment, member: Member) -> Draft | None:
    """The draft that a member goes on with."""
    return next(iter(drafts_for(assignment, member)), None)


def _held(assignment: Assignment, by: Member) -> Draft | None:
    mine = Draft.objects.filter(Q(member=by) | Q(shared_at__isnull=False), assignment=assignment)
    return mine.select_for_update(of=("self",)).select_related("by__user").order_by("shared_at", "pk").first()


def _keep_what_was(draft: Draft, *, by: Member, version: int | None) -> None:
    """Keep the text where another window or another person wrote it since this window was drawn."""
    is_behind = version is not None and version != draft.version
    if is_behind and draft.shared_at and draft.by_id != by.pk:
        raise Overtaken(_("%(name)s has written on this draft meanwhile.") % {"name": draft.by or ""}, draft)
    if draft.text.strip() and (is_behind or draft.by_id not in {None, by.pk}):
        draft.versions.get_or_create(
            number=draft.version, defaults={"text": draft.text, "by": draft.by, "saved_at": draft.saved_at}
        )
        old = draft.versions.order_by("-number").values_list("pk", flat=True)[VERSIONS_KEPT:]
        draft.versions.filter(pk__in=list(old)).delete()


@allowed("engagement.share_draft")
@transaction.atomic
def share_draft(assignment: Assignment, *, by: Member, at: datetime) -> Draft:
    """Open one's own draft to the colleagues of the assignment, who see it and go on with it."""
    Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=assignment.pk)
    other = Draft.objects.filter(assignment=assignment, shared_at__isnull=False).select_related("member__user").first()
    if other is not None and other.member_id != by.pk:
        raise Refusal(_("%(name)s has opened a draft to all already. Go on with that one.") % {"name": other.member})
    draft = Draft.objects.select_for_update(of=("self",)).filter(assignment=assignment, member=by).first()
    if draft is None:
        raise ValidationError({"text": _("Write something first.")})
    if draft.shared_at is None:
        draft.shared_at = at
        draft.save(update_fields=["shared_at"])
        record("share_draft", assignment, by=by, at=at)
        told([assignment], at=at, counts=False)
    return draft


@allowed("engagement.keep_draft")
@transaction.atomic
def keep_draft(assignment: Assignment, *, by: Member, at: datetime) -> Draft:
    """Take back a draft that is open to all; it is its owner's alone again, as it says now."""
    shared = Draft.objects.select_for_update(of=("self",)).filter(assignment=assignment, shared_at__isnull=False)
    draft = shared.select_related("member__user").first()
    if draft is None:
        raise Refusal(_("No draft is open to all here."))
    if draft.member_id != by.pk and Role.COACH not in by.roles_in(assignment.department_id):
        raise Refusal(_("The draft is %(name)s's; only they or a coach take it back.") % {"name": draft.member})
    draft.shared_at = None
    draft.save(update_fields=["shared_at"])
    record("keep_draft", assignment, by=by, at=at)
    told([assignment], at=at, counts=False)
    return draft


def use_up_draft(assignment: Assignment, *, text: str, by: Member, version: int | None) -> None:
    """Remove what has become a reply: one's own draft, and the shared one if it was that which went out."""
    sent = Q(member=by, shared_at=None) | Q(shared_at__isnull=False, text=text)
    if version is not None:
        sent |= Q(shared_at__isnull=False, version=version)
    Draft.objects.filter(sent, assignment=assignment).delete()
