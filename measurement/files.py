"""Tables as files that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from roles.sheets import safe_cell


def as_csv(rows: Iterable[Sequence[Any]], *, name: str) -> HttpResponse:
    """Answer with rows as a CSV file of this name, with the mark by which spreadsheets know UTF-8."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    csv.writer(response).writerows([safe_cell(cell) for cell in row] for row in rows)
    return response
