"""Audit entries in sentences; each app adds its own verbs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from roles.glossary import term_in_words

if TYPE_CHECKING:
    from roles.models import AuditEntry

_sentences: dict[str, str | Promise] = {}
_kinds: dict[str, str | Promise] = {}
# What stands for whom and what where a sentence is of nobody in particular; and how one begins with who did it.
GAP = "…"
_WHO = re.compile(rf"^{GAP}(?:\s*[:：]|が)?\s*")
Names = Callable[[Collection[int]], Mapping[int, str]]
_names: dict[str, Names] = {}


def say(sentences: Mapping[str, str | Promise], *, kinds: Mapping[str, str | Promise] | None = None) -> None:
    """Put verbs, and kinds of rows, into words; a sentence may name %(by)s and %(subject)s."""
    _sentences.update(sentences)
    _kinds.update(kinds or {})


def name_when_read(kind: str, names: Names) -> None:
    """Have rows of a kind called by what they are called when somebody reads the log; the log itself keeps no name.

    For rows that are called by what others said: their words must not stay in a log that forgets nothing.
    """
    _names[kind] = names


def is_named_when_read(kind: str) -> bool:
    """Whether the log keeps no name of rows of a kind."""
    return kind in _names


def with_names(entries: Iterable[AuditEntry]) -> Sequence[AuditEntry]:
    """The entries with the names that the log does not keep; a statement for each kind."""
    rows = list(entries)
    for kind, names in _names.items():
        nameless = [row for row in rows if row.subject_kind == kind and not row.subject_label and row.subject_id]
        found = names({row.subject_id for row in nameless if row.subject_id}) if nameless else {}
        for row in nameless:
            row.subject_label = found.get(row.subject_id or 0, "")[:200]
    return rows


def sentence(entry: AuditEntry) -> str:
    """Return who did what to what, as a person would say it."""
    subject = entry.subject_label or kind_in_words(entry.subject_kind)
    words = {"by": _apart(entry.by_name), "subject": _apart(subject)}
    if entry.verb in _sentences:
        return str(_sentences[entry.verb]) % words
    return f"{words['by']}: {entry.verb.replace('_', ' ')} – {words['subject']}".rstrip(" –")


def _apart(name: str) -> str:
    # Among Arabic words a name in other letters would draw the marks beside it over to its own side.
    return f"\u2068{name}\u2069" if get_language_bidi() else name


def is_verb(verb: str) -> bool:
    """Whether it is something that is ever done."""
    return verb in _sentences


def is_kind(kind: str) -> bool:
    """Whether there are rows of this kind."""
    return kind in _kinds


def verb_in_words(verb: str, subject: str = GAP) -> str:
    """Return a verb for a list to choose from: what its sentence says, with gaps for whom and, if untold, what."""
    if verb not in _sentences:
        return verb.replace("_", " ").capitalize()
    said = _WHO.sub("", str(_sentences[verb]) % {"by": GAP, "subject": subject if subject == GAP else _apart(subject)})
    return said[:1].upper() + said[1:]


def kind_in_words(kind: str) -> str:
    """Return a kind of row as people call it: as its app says, or by its term in the glossary."""
    known = _kinds.get(kind) or (term_in_words(str(_models()[kind]._meta.verbose_name)) if kind in _models() else kind)
    return str(known)[:1].upper() + str(known)[1:]


def fact_in_words(kind: str, name: str) -> str:
    """Return what a fact about a row of a kind is called: as its field is, where it has one."""
    model = _models().get(kind)
    try:
        field = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        field = None
    return str(getattr(field, "verbose_name", name.replace("_", " ")))


@cache
def _models() -> dict[str, type[Model]]:
    return {str(model._meta.model_name): model for model in apps.get_models()}


say(
    {
        "invite": _("%(by)s invited %(subject)s"),
        "withdraw_invitation": _("%(by)s withdrew the invitation for %(subject)s"),
        "accept_invitation": _("%(by)s accepted an invitation and joined"),
        "give_position": _("%(by)s gave %(subject)s a position"),
        "change_position": _("%(by)s changed a position of %(subject)s"),
        "plan_position": _("%(by)s planned a position of %(subject)s"),
        "drop_plan": _("%(by)s dropped a planned position of %(subject)s"),
        "hand_over_everything": _("%(by)s handed over what %(subject)s had"),
        "take_position": _("%(by)s took a position from %(subject)s"),
        "plan_absence": _("%(by)s said when %(subject)s will be away"),
        "change_absence": _("%(by)s changed when %(subject)s will be away"),
        "drop_absence": _("%(by)s dropped a planned absence of %(subject)s"),
        "come_in_by_password": _("%(subject)s came in with a password, past the organization's provider"),
        "renew_metadata": _("What the provider %(subject)s says of itself was read again"),
        "go_away": _("%(by)s marked %(subject)s as away"),
        "set_time_blocks": _("%(by)s changed the time blocks of %(subject)s"),
        "set_training": _("%(by)s changed until when %(subject)s is in training"),
        "set_on_call": _("%(by)s changed whether %(subject)s is on call"),
        "come_back": _("%(by)s marked %(subject)s as here again"),
        "deactivate_member": _("%(by)s let %(subject)s leave"),
        "reactivate_member": _("%(by)s let %(subject)s return"),
        "change_name": _("%(by)s took the name %(subject)s"),
        "choose_language": _("%(by)s chose a language"),
        "found_organization": _("%(by)s founded %(subject)s"),
        "change_organization": _("%(by)s changed the settings of %(subject)s"),
        "add_department": _("%(by)s added the department %(subject)s"),
        "rename_department": _("%(by)s renamed a department to %(subject)s"),
        "add_calendar": _("%(by)s added the business hours “%(subject)s”"),
        "change_calendar": _("%(by)s changed the business hours “%(subject)s”"),
        "remove_calendar": _("%(by)s removed the business hours “%(subject)s”"),
        "choose_calendar": _("%(by)s chose the business hours of %(subject)s"),
        "add_holiday": _("%(by)s added the holiday “%(subject)s”"),
        "remove_holiday": _("%(by)s removed the holiday “%(subject)s”"),
        "import_holidays": _("%(by)s imported holidays into “%(subject)s”"),
        "compose_role": _("%(by)s composed the role %(subject)s"),
        "change_role": _("%(by)s changed the role %(subject)s"),
        "remove_role": _("%(by)s removed the role %(subject)s"),
        "move_department": _("%(by)s said of what %(subject)s is a part"),
        "act_as": _("%(by)s began to act as %(subject)s"),
        "end_acting": _("%(by)s stopped acting as %(subject)s"),
        "did_as": _("%(by)s did something as %(subject)s"),
        "import_members": _("%(by)s imported members from a file"),
        "export_members": _("%(by)s exported the list of members"),
        "put_set_up_away": _("%(by)s put the first steps of %(subject)s away"),
        "take_set_up_out": _("%(by)s took the first steps of %(subject)s out again"),
        "set_provider": _("%(by)s said where people sign in: %(subject)s"),
        "map_groups": _("%(by)s said which groups of %(subject)s are which roles"),
        "join_by_sign_in": _("%(subject)s joined by signing in at the organization's provider"),
        "ask_second_factor": _("%(by)s said of whom a second factor is asked"),
        "make_token": _("%(by)s made the API token %(subject)s"),
        "revoke_token": _("%(by)s revoked the API token %(subject)s"),
        "send_again": _("%(by)s had the e-mail “%(subject)s” sent again"),
        "export_audit": _("%(by)s exported the audit log"),
        "read_audit": _("%(by)s had a program read the audit log"),
    },
    kinds={
        "absence": _("absence"),
        "apitoken": _("API token"),
        "calendar": _("business hours"),
        "customrole": _("role composed here"),
        "identityprovider": _("identity provider"),
        "holiday": _("holiday"),
        "invitation": _("invitation"),
        "member": _("member"),
        "department": _("department"),
        "mail": _("e-mail"),
        "organization": _("organization"),
    },
)
