"""No body that a program sends can name what only the house decides: whose a row is, its key, when it was made."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
from functools import cache
from typing import Any

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from measurement.files import as_csv
from roles.models import AuditEntry, Department, Member
from roles.sheets import FORMULA_MARKS, lines
from tests.architecture.sources import ROOT, each, named, sources
from tests.cast import Cast

OURS = {
    "id", "pk", "organization", "organization_id", "created_at", "created_by", "made_by", "by", "is_superuser",
    "is_staff", "key_digest", "token_digest", "sealed", "sealed_secret", "acted_by",
}  # fmt: skip


# A key that names what is meant, and makes nothing.
NAMES = {("DraftOfRuleShapesRequest", "id")}


def named_in(said: Any) -> set[str]:
    return set(re.findall(r"schemas/(\w+)", json.dumps(said, default=str)))


@cache
def contract() -> tuple[dict[str, Any], list[str]]:
    """The schema, and what was not right when it was made."""
    GENERATOR_STATS.reset()
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema, [str(warning) for warning in GENERATOR_STATS._warn_cache]


def test_nothing_in_the_contract_had_to_be_guessed() -> None:
    assert contract()[1] == [], "a name, a shape or a key: say it where the warning points, choices in the settings"


def test_no_body_has_a_field_that_is_ours() -> None:
    schema, _warnings = contract()
    known = schema["components"]["schemas"]
    bodies: set[str] = set()
    fresh = named_in([one.get("requestBody") for path in schema["paths"].values() for one in path.values()])
    while fresh:
        bodies |= fresh
        fresh = {inner for name in fresh for inner in named_in(known[name])} - bodies
    assert len(bodies) > 30
    fields = {
        (name, field)
        for name in bodies
        for field, said in known[name].get("properties", {}).items()
        if field in OURS and not said.get("readOnly")
    }
    assert fields - NAMES == set()


def test_what_no_schema_names_changes_nothing(acme: Cast, api: Any) -> None:
    coach = api(acme.carla)
    more = {"organization": acme.elsewhere.pk, "organization_id": acme.elsewhere.pk, "id": 7_000_000, "role": "owner"}
    made = coach.post("/api/v1/departments/", {"name": "Desk", **more})
    assert made.status_code == 201 and made.json()["id"] != 7_000_000
    row = Department.objects.get(name="Desk")
    assert row.organization_id == acme.organization.pk
    changed = coach.put(f"/api/v1/departments/{row.pk}/", {"name": "Front desk", **more})
    assert changed.status_code == 200
    row.refresh_from_db()
    assert (row.name, row.organization_id) == ("Front desk", acme.organization.pk)
    assert Member.objects.get(pk=acme.carla.pk).roles == acme.carla.roles
    assert str(acme.elsewhere.pk) not in str(list(AuditEntry.objects.values_list("after", flat=True)))


def test_every_table_is_written_by_what_keeps_formulas_out() -> None:
    writing = {
        named(path)
        for path in sources()
        for node in each(path, ast.Attribute)
        if node.attr in {"writer", "DictWriter"} and ast.unparse(node.value) == "csv"
    }
    assert writing == {named(ROOT / "roles/sheets.py"), named(ROOT / "measurement/files.py")}


def test_no_cell_is_a_formula() -> None:
    hostile = [f"{mark}HYPERLINK(1)" for mark in (*FORMULA_MARKS, " =", "\u00a0+", "\ufeff@", "\u200b -")]
    assert {"＝", "@", "\t"} <= set(FORMULA_MARKS)
    first = "".join(lines(["x"], [hostile]))
    second = as_csv([hostile], name="x").content.decode()
    for text in (first.partition("\n")[2], second):
        [row] = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        assert [cell[1:] for cell in row] == hostile and {cell[0] for cell in row} == {"'"}
