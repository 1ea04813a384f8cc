"""The audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles import clock, sheets
from roles.actions.exports import export_audit as write_down
from roles.forms import AuditFilterForm
from roles.models import AuditEntry, Organization
from roles.respond import MemberRequest, needs, page
from roles.sentences import fact_in_words, kind_in_words, sentence, verb_in_words, with_names
from roles.tenancy import acting_for
from roles.wording import listed

PAGE = 50
CHUNK = 1000


def _filters(data: Any) -> AuditFilterForm:
    log = AuditEntry.objects.all()
    verbs = [(verb, verb_in_words(verb)) for verb in log.different("verb")]
    kinds = [(kind, kind_in_words(kind)) for kind in log.different("subject_kind")]
    return AuditFilterForm(data, verbs=sorted(verbs, key=_by_words), kinds=sorted(kinds, key=_by_words))


def _by_words(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


@require_safe
@needs("roles.read_audit")
def audit(request: MemberRequest) -> HttpResponse:
    """Show who did what, the newest first, page by page."""
    form = _filters(request.GET)
    before = request.GET.get("before", "")
    key = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    rows = list(AuditEntry.objects.chosen(**form.chosen).before(key).newest_first()[: PAGE + 1])
    entries = with_names(rows[:PAGE])
    for entry in entries:
        entry.sentence = sentence(entry)  # type: ignore[attr-defined]
        entry.changes = changes(entry)  # type: ignore[attr-defined]
    older = {**form.chosen, "before": str(entries[-1].pk)} if len(rows) > PAGE else None
    context = {
        "form": form,
        "chosen": form.chosen,
        "entries": entries,
        "older": urlencode(older) if older else "",
        "newest": urlencode(form.chosen),
        "is_first": key is None,
    }
    return page(request, "roles/audit.html", context)


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Return (what, before, after) for everything that the entry says."""
    before, after = entry.before or {}, entry.after or {}
    names = list(dict.fromkeys([*before, *after]))
    return [
        (fact_in_words(entry.subject_kind, name), _written(before.get(name)), _written(after.get(name)))
        for name in names
    ]


def _written(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return listed(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@require_POST
@needs("roles.read_audit")
def export_audit(request: MemberRequest) -> HttpResponseBase:
    """Hand out what is filtered as a file; that it was taken out is itself an entry."""
    organization = request.organization
    chosen = _filters(request.POST).chosen
    at = clock.now()
    write_down(organization, filters=chosen, by=request.member, at=at)
    head = ["at", "by", "verb", "kind", "id", "subject", "before", "after"]
    name = f"audit-{organization.slug}-{at:%Y-%m-%d}.csv"
    return sheets.download(name, head, _rows(organization, chosen))


def _rows(organization: Organization, chosen: dict[str, str]) -> Iterator[list[Any]]:
    """Read chunk by chunk, for the file is sent when the request is long over."""
    key: int | None = None
    while True:
        with acting_for(organization):
            chunk = with_names(AuditEntry.objects.chosen(**chosen).before(key).newest_first()[:CHUNK])
        for entry in chunk:
            yield [
                entry.at.isoformat(),
                entry.by_name,
                entry.verb,
                entry.subject_kind,
                entry.subject_id,
                entry.subject_label,
                json.dumps(entry.before, ensure_ascii=False) if entry.before else "",
                json.dumps(entry.after, ensure_ascii=False) if entry.after else "",
            ]
        if len(chunk) < CHUNK:
            return
        key = chunk[-1].pk
