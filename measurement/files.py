"""Tables as files that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from roles.sheets import FORMULA_MARKS


def as_csv(rows: Iterable[Sequence[Any]], *, name: str) -> HttpResponse:
    """Answer with rows as a CSV file of this name."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    csv.writer(response).writerows([_safe(cell) for cell in row] for row in rows)
    return response


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_MARKS) else cell
