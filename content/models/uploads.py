"""Files on their way in, and files in the storage that may belong to nothing."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class Upload(Owned):
    """A file that comes in parts, and may go on where it broke off; when it is whole it becomes media."""

    name = models.CharField(_("name"), max_length=200)
    # In bytes: how many were announced, and how many have come.
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("roles.Member", models.CASCADE, related_name="+")
    ends_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["ends_at"], name="upload_ends")]

    def __str__(self) -> str:
        return self.name


class UploadPart(Owned):
    """A part of a file on its way in, as it lies in the storage."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    begins = models.PositiveBigIntegerField()
    path = models.CharField(max_length=300)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["upload", "begins"], name="upload_part_once")]

    def __str__(self) -> str:
        return f"{self.upload} {self.begins}"


class StrayFile(Owned):
    """A file in the storage that belongs to no row, or not yet: noted before it is written, removed when that is due.

    The row goes away in the transaction that makes the file somebody's; if that never comes, so does the file.
    """

    path = models.CharField(max_length=300)
    due_at = models.DateTimeField()

    class Meta(Owned.Meta):
        indexes = [models.Index(fields=["due_at"], name="stray_file_due")]

    def __str__(self) -> str:
        return self.path
