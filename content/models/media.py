"""Pictures, films and sounds, kept once and used in many variants."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


def where_it_lies(media: Media, _name: str) -> str:
    """The place of a file in the storage: under its organization and by its content, never by the name it came with."""
    return f"media/{media.organization_id}/{media.digest[:2]}/{media.digest}"


class Media(Owned):
    """A picture, film or sound; the same content is kept once."""

    file = models.FileField(upload_to=where_it_lies, max_length=300)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=100)
    # In bytes, pixels and seconds.
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration = models.FloatField(null=True)
    digest = models.CharField(max_length=64)
    alt = models.TextField(_("what is to be seen or heard"), max_length=1500, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    class Meta(Owned.Meta):
        verbose_name_plural = "media"
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="media_once")]
        indexes = [models.Index(fields=["organization", "-id"], name="media_newest")]

    def __str__(self) -> str:
        return self.name


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
