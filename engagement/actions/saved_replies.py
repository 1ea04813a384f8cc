"""Write, propose, take up and retire saved replies, and begin a text from one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from engagement.actions.drafts import save_draft
from engagement.models import Assignment, Draft, RepetitionPolicy, SavedReply, SavedReplyVersion
from engagement.refusals import Refusal, Stale
from engagement.saying import filled_for, words_of
from engagement.variables import TemplateError, parse
from listening import networks
from listening.languages import languages
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed

State = SavedReply.State
LONGEST = 4000
WHERE = ("topic", "language", "network", "department")


@allowed("engagement.manage_saved_replies")
@transaction.atomic
def add_saved_reply(
    where: Department | Organization, /, *, title: str, text: str, by: Member, at: datetime, **for_what: Any
) -> SavedReply:
    """Write a saved reply that everybody may use at once; `for_what` is topic, language, network and department."""
    return _add(title, text, State.IN_USE, "add_saved_reply", by=by, at=at, **for_what)


@allowed("engagement.propose_saved_reply")
@transaction.atomic
def propose_saved_reply(
    where: Department | Organization, /, *, title: str, text: str, by: Member, at: datetime, **for_what: Any
) -> SavedReply:
    """Propose a saved reply; it is offered as soon as a coach takes it up."""
    return _add(title, text, State.PROPOSED, "propose_saved_reply", by=by, at=at, **for_what)


def _add(title: str, text: str, state: str, verb: str, *, by: Member, at: datetime, **for_what: Any) -> SavedReply:
    said = _checked(title, text, for_what)
    row = SavedReply(**said, state=state, by=by, created_at=at, changed_at=at)
    row.words = words_of(row.title, row.text)
    _save(row)
    _keep_version(row, by=by, at=at)
    record(verb, row, by=by, at=at, after=_facts(row))
    return row


@allowed("engagement.manage_saved_replies")
@transaction.atomic
def change_saved_reply(
    saved_reply: SavedReply, /, *, title: str, text: str, version: int | None = None, by: Member, at: datetime,
    **for_what: Any,
) -> SavedReply:  # fmt: skip
    """Change a saved reply; what it said before stands in its versions."""
    row = SavedReply.objects.select_for_update(of=("self",)).get(pk=saved_reply.pk)
    if version is not None and row.version != version:
        raise Stale(_("Somebody has changed this saved reply since you opened it. Look again."))
    said, before = _checked(title, text, for_what), _facts(row)
    is_new = (row.title, row.text) != (said["title"], said["text"])
    for name, value in said.items():
        setattr(row, name, value)
    row.words, row.changed_at = words_of(row.title, row.text), at
    row.version += is_new
    _save(row)
    if is_new:
        _keep_version(row, by=by, at=at)
    record("change_saved_reply", row, by=by, at=at, before=before, after=_facts(row))
    return row


@allowed("engagement.manage_saved_replies")
def take_up_saved_reply(saved_reply: SavedReply, *, by: Member | None, at: datetime) -> SavedReply:
    """Offer a proposed or retired saved reply to everybody."""
    return _move(saved_reply, State.IN_USE, "take_up_saved_reply", by=by, at=at)


@allowed("engagement.manage_saved_replies")
def retire_saved_reply(saved_reply: SavedReply, *, by: Member | None, at: datetime) -> SavedReply:
    """Offer it no more; what was said with it stays counted."""
    return _move(saved_reply, State.RETIRED, "retire_saved_reply", by=by, at=at)


@transaction.atomic
def _move(saved_reply: SavedReply, state: str, verb: str, *, by: Member | None, at: datetime) -> SavedReply:
    row = SavedReply.objects.select_for_update(of=("self",)).get(pk=saved_reply.pk)
    if row.state == state:
        raise Refusal(_("Nothing to change: %(state)s already.") % {"state": row.get_state_display()})
    before, row.state = row.state, state
    _save(row)
    record(verb, row, by=by, at=at, before={"state": before}, after={"state": state})
    return row


@allowed("engagement.reply")
@transaction.atomic
def use_saved_reply(assignment: Assignment, *, saved_reply: SavedReply, by: Member, at: datetime) -> Draft | None:
    """Put a saved reply, filled for the assignment, below what is written already, as the writer's draft."""
    draft = Draft.objects.filter(assignment=assignment, member=by).first()
    text = filled_for(saved_reply, assignment, by).text
    if draft is not None and draft.text.strip():
        text = f"{draft.text.rstrip()}\n\n{text}"
    return save_draft(assignment, text=text, by=by, at=at, saved_reply=saved_reply)


@allowed("engagement.manage_saved_replies")
@transaction.atomic
def set_repetition(organization: Organization, /, *, by: Member, at: datetime, **numbers: int) -> RepetitionPolicy:
    """Say how often the same text may go out before the writer is asked whether that is meant."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    row = RepetitionPolicy.objects.first() or RepetitionPolicy()
    names = ("to_author_most", "to_author_days", "across_most", "across_hours")
    before = {name: getattr(row, name) for name in names}
    for name in names:
        value = numbers.get(name, before[name])
        if not 0 < value <= 1000:
            raise ValidationError({name: _("Choose a number between 1 and 1000.")})
        setattr(row, name, value)
    row.save()
    record("set_repetition", row, by=by, at=at, before=before, after={name: getattr(row, name) for name in names})
    return row


def _checked(title: str, text: str, for_what: dict[str, Any]) -> dict[str, Any]:
    title, text = title.strip()[:120], text.replace("\r\n", "\n").strip()
    if not title:
        raise ValidationError({"title": _("Give it a title, by which people find it.")})
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("A saved reply has at most %(limit)s characters.") % {"limit": LONGEST}})
    try:
        parse(text)
    except TemplateError as problem:
        where = text[max(0, problem.position - 12) : problem.position + problem.length + 12]
        raise ValidationError({"text": f"{problem} (…{where}…)"}) from None
    said = {name: for_what[name] for name in WHERE if name in for_what}
    if said.get("language") and said["language"] not in dict(languages()):
        raise ValidationError({"language": _("There is no such language.")})
    if said.get("network") and said["network"] not in dict(networks.choices()):
        raise ValidationError({"network": _("There is no such network.")})
    return {"title": title, "text": text, **said}


def _save(row: SavedReply) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError({"title": _("There is a saved reply with this title already.")}) from None


def _keep_version(row: SavedReply, *, by: Member, at: datetime) -> None:
    SavedReplyVersion.objects.create(
        saved_reply=row, number=row.version, title=row.title, text=row.text, by=by, written_at=at
    )


def _facts(row: SavedReply) -> dict[str, Any]:
    return {
        "title": row.title, "text": row.text, "state": row.state, "version": row.version, "language": row.language,
        "network": row.network, "topic": str(row.topic or ""), "department": str(row.department or ""),
    }  # fmt: skip
