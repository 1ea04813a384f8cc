"""The audit log only grows: the database itself keeps what was written down."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from roles import clock
from roles.audit import record
from roles.models import AuditEntry
from tests.cast import Cast


def test_nobody_changes_or_removes_an_entry(acme: Cast) -> None:
    record("change_name", acme.rosa, by=acme.olga, at=clock.now())
    for attempt in (lambda: AuditEntry.objects.update(verb="nothing"), lambda: AuditEntry.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert AuditEntry.objects.get().verb == "change_name"
