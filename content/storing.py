"""Files in the storage: each is noted before it is written, so that none is forgotten there."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

from content import media_housekeeping
from content.models import StrayFile
from roles.background import turn_of
from roles.tenancy import active_organization_id

# So long may lie between a file and the row whose it becomes.
UNTIL_SOMEBODYS = timedelta(hours=1)
AT_ONCE = 200


def stored(kind: str, digest: str, file: IO[bytes], *, at: datetime, keep: timedelta = UNTIL_SOMEBODYS) -> str:
    """Put a file into the storage, and return where; it goes away again unless it is `taken` in time."""
    path = f"{kind}/{active_organization_id()}/{digest[:2]}/{digest}-{secrets.token_hex(4)}"
    StrayFile.objects.create(path=path, due_at=at + keep)
    file.seek(0)
    return str(default_storage.save(path, File(file)))


def taken(path: str) -> None:
    """Say in the transaction that makes a row of it that a file belongs to it now."""
    StrayFile.objects.filter(path=path).delete()


def given_up(*paths: str, at: datetime) -> None:
    """Say in the transaction that ends the rows that their files are no longer needed."""
    StrayFile.objects.filter(path__in=paths).delete()
    StrayFile.objects.bulk_create(StrayFile(path=path, due_at=at) for path in paths if path)


def sweep(*, at: datetime) -> int:
    """Remove files that belong to nothing, of all organizations; returns how many."""
    removed = 0
    for organization in media_housekeeping.organizations_with_stray_files(at=at):
        with turn_of(organization):
            for row in StrayFile.objects.filter(due_at__lte=at).order_by("due_at")[:AT_ONCE]:
                # Gone twice is gone: a row whose file was removed before its worker died is no trouble.
                default_storage.delete(row.path)
                row.delete()
                removed += 1
    return removed
