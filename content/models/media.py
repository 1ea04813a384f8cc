"""Pictures, films and sounds, kept once and used in many variants."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.media_querysets import WORDS, MediaQuerySet
from roles.models import Department
from roles.tenancy import Owned, OwnedManager


def where_it_lies(media: Media, _name: str) -> str:
    """The place of a file in the storage: under its organization and by its content, never by the name it came with."""
    return f"media/{media.organization_id}/{media.digest[:2]}/{media.digest}"


class Media(Owned):
    """A picture, film or sound; the same content is kept once."""

    class Kind(models.TextChoices):
        PICTURE = "image", _("Pictures")
        FILM = "video", _("Films")
        SOUND = "audio", _("Sounds")

    file = models.FileField(upload_to=where_it_lies, max_length=300)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=100)
    # In bytes, pixels and seconds.
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration = models.FloatField(null=True)
    # Of what is kept, and of the file as it came, before it was made fit to be kept.
    digest = models.CharField(max_length=64)
    came_as = models.CharField(max_length=64, blank=True)
    alt = models.TextField(_("what is to be seen or heard"), max_length=1500, blank=True)
    # Whether the file may still say who made it, where and with what.
    tells = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(MediaQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "media"
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="media_once")]
        indexes = [
            models.Index(fields=["organization", "-id"], name="media_newest"),
            models.Index(fields=["organization", "came_as"], name="media_came_as"),
            models.Index(fields=["organization", "-id"], name="media_without_words", condition=models.Q(alt="")),
            GinIndex(WORDS, name="media_words"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Where the file lies in the storage."""
        return str(self.file.name)

    @property
    def kind(self) -> str:
        """Whether it is seen, shown or heard: `image`, `video` or `audio`."""
        return self.content_type.partition("/")[0]


class VariantMedia(Owned):
    """One of the media that go out with a variant; `alt` where it is said otherwise there than elsewhere."""

    variant = models.ForeignKey("content.Variant", models.CASCADE, related_name="media_rows")
    media = models.ForeignKey(Media, models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField(default=0)
    alt = models.TextField(_("what is to be seen or heard"), max_length=1500, blank=True)

    class Meta(Owned.Meta):
        verbose_name_plural = "media of variants"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["variant", "media"], name="variant_media_once")]

    def __str__(self) -> str:
        return str(self.media)

    @property
    def words(self) -> str:
        """What is to be seen or heard, as this variant says it."""
        return self.alt or self.media.alt

    @property
    def department(self) -> Department | None:
        """The department of its piece: where the capability must be held."""
        return self.variant.department


class Rendition(Owned):
    """A picture made smaller, for our own pages or for what a network takes; made by a worker when it is due."""

    media = models.ForeignKey(Media, models.CASCADE, related_name="renditions")
    # The bounds that it was made for (`content.renditions.Bounds`).
    bounds = models.CharField(max_length=120)
    file = models.CharField(max_length=300, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # When it is to be made; a worker that makes it moves this on for the length of a lease. Empty: nothing to do.
    due_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["media", "bounds"], name="rendition_once")]
        indexes = [
            models.Index(fields=["due_at"], name="rendition_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.media} · {self.bounds}"
