"""One row of every kind that belongs to an organization, all under one key: whatever an address names is there.

Their network is none that is installed: a package may be taken away while what it brought is still worked on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models

from roles.tenancy import Owned
from tests.cast import Cast

# Far from the keys that the tests' other rows get by themselves.
KEY = 990_001
NOW = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
# What the constraints of a kind ask for beyond the plainest value of each field.
ASKED: dict[str, dict[str, Any]] = {
    "calendar": {"is_default": False},
    "openhours": {"weekday": 0, "opens": 0, "closes": 60},
    "responsetarget": {"first_response_minutes": 60},
    "routingrule": {"goes_on": True},
    "absence": {"begins_at": NOW, "ends_at": NOW + timedelta(days=1)},
    "goal": {"metric": "backlog"},
    "kpi": {"metric": "backlog"},
    "publication": {"zone": "UTC"},
    "slot": {"zone": "UTC"},
    "pieceversion": {"document": {"piece": {}, "variants": {}}},
    "knownevent": {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)},
}


def one_of_each(cast: Cast) -> int:
    """Make them for the active organization; returns their key."""
    made: set[type[models.Model]] = set()
    for model in apps.get_models():
        if issubclass(model, Owned):
            _make(model, cast, made)
    return KEY


def _make(model: type[models.Model], cast: Cast, made: set[type[models.Model]]) -> None:
    if model in made:
        return
    made.add(model)
    values = dict(ASKED.get(model._meta.model_name or "", {}))
    for field in model._meta.concrete_fields:
        if field.primary_key or field.name in values or field.name == "organization":
            continue
        is_needed = not (
            field.null or field.has_default() or field.has_db_default() or getattr(field, "auto_now_add", False)
        )
        if isinstance(field, models.ForeignKey):
            if is_needed:
                values[field.attname] = _key_of(field.related_model, cast, made)
        elif is_needed:
            values[field.name] = _plain(field)
    model._base_manager.bulk_create([model(pk=KEY, **values)])


def _key_of(model: Any, cast: Cast, made: set[type[models.Model]]) -> int:
    if not issubclass(model, Owned):
        # A user who is no member yet.
        return int(model._default_manager.create(email="somebody@example.org", name="Somebody").pk)
    _make(model, cast, made)
    return KEY


def _plain(field: Any) -> Any:
    if field.choices:
        return field.choices[0][0]
    if field.name == "network":
        return "taken-away"
    match field:
        case models.BooleanField():
            return False
        case models.IntegerField() | models.FloatField() | models.DecimalField():
            return 1
        case models.DateTimeField():
            return NOW
        case models.DateField():
            return NOW.date()
        case models.TimeField():
            return NOW.time()
        case models.JSONField():
            return {}
        case models.BinaryField():
            return b"x"
        case models.URLField():
            return "https://example.org/"
    return "" if field.blank else "x"[: field.max_length or 1]
