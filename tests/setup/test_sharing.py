"""What a module's tests share is theirs alone, also where making it fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from roles.models import Organization
from tests.sharing import made_once


def make() -> int:
    return Organization.objects.create(name="Shared", slug="shared").pk


def make_half() -> int:
    make()
    raise LookupError("something else is missing")


def test_what_was_made_is_gone_afterwards(django_db_setup: None, django_db_blocker: Any) -> None:
    with made_once(make, django_db_blocker) as key, django_db_blocker.unblock():
        assert connection.in_atomic_block and Organization.objects.filter(pk=key).exists()
    with django_db_blocker.unblock():
        assert not connection.in_atomic_block and not Organization.objects.filter(pk=key).exists()


def test_what_fails_while_it_is_made_leaves_no_transaction(django_db_setup: None, django_db_blocker: Any) -> None:
    with pytest.raises(LookupError), made_once(make_half, django_db_blocker):
        pass
    with django_db_blocker.unblock():
        assert not connection.in_atomic_block and not Organization.objects.filter(slug="shared").exists()
