"""Payback as lines of a CSV file, as a shop or the books export it: read with what is wrong in which line."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from measurement.models import Assumption, Kind
from measurement.return_forms import AssumptionForm
from roles.models import Department

# As the file names them, and as an assumption does.
COLUMNS = {
    "from": "first_day", "until": "last_day", "amount": "amount", "currency": "currency", "kind": "kind",
    "source": "source", "department": "department",
}  # fmt: skip
MOST_LINES, MOST_LETTERS = 500, 200_000


def read(text: str) -> list[dict[str, Any]]:
    """Return the sums of a file, each as an assumption is stated; refuses all of it, by lines, where one is wrong."""
    rows = _rows(text)
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if missing := [name for name in COLUMNS if name not in head and name != "department"]:
        raise ValidationError(
            _("The first line names the columns; there is none called “%(name)s”. Known are: %(known)s.")
            % {"name": missing[0], "known": ", ".join(COLUMNS)}
        )
    if len(rows) > MOST_LINES + 1:
        raise ValidationError(_("At most %(most)s lines at once.") % {"most": MOST_LINES})
    kinds = {name: kind.value for kind in Kind for name in (kind.value, str(kind.label).casefold())}
    departments = {row.name.casefold(): row.pk for row in Department.objects.all()}
    lines: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        said = {COLUMNS[name]: cell.strip() for name, cell in zip(head, row, strict=False) if name in COLUMNS}
        said["kind"] = kinds.get(said.get("kind", "").casefold(), "?")
        if place := said.get("department", "").casefold():
            said["department"] = str(departments.get(place, "?"))
        form = AssumptionForm({"about": Assumption.About.SUM, **said})
        lines.append(dict(form.cleaned_data) if form.is_valid() else {})
        problems += [
            _("Line %(number)s, %(column)s: %(problem)s")
            % {"number": number, "column": form.fields[name].label if name in form.fields else "", "problem": text}
            for name, texts in form.errors.items()
            for text in texts
        ]
    if problems:
        raise ValidationError(problems[:20])
    return lines


def _rows(text: str) -> list[list[str]]:
    if len(text) > MOST_LETTERS:
        raise ValidationError(_("The file is too large: at most %(most)s letters.") % {"most": MOST_LETTERS})
    text = text.removeprefix("\ufeff").replace("\x00", "")
    first = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as problem:
        raise ValidationError(_("It cannot be read as CSV.")) from problem
    return [row for row in rows if any(cell.strip() for cell in row)]
