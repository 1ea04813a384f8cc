"""The forms of a piece, one for each channel."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.variant_querysets import VariantQuerySet
from roles.models import Department
from roles.tenancy import Owned, OwnedManager


class Variant(Owned):
    """The form of a piece for one channel: exactly what goes out there."""

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public")
        UNLISTED = "unlisted", _("Public, not in lists")
        FOLLOWERS = "followers", _("Followers only")

    piece = models.ForeignKey("content.Piece", models.CASCADE, related_name="variants")
    channel = models.ForeignKey("listening.Channel", models.PROTECT, related_name="variants", verbose_name=_("channel"))
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("title"), max_length=300, blank=True)
    text = models.TextField(_("text"), max_length=200_000, blank=True)
    link = models.CharField(_("link"), max_length=2000, blank=True)
    first_comment = models.TextField(_("first comment"), max_length=10_000, blank=True)
    warning = models.CharField(_("content warning"), max_length=300, blank=True)
    # Empty: as the account has it.
    visibility = models.CharField(_("who sees it"), max_length=9, choices=Visibility, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    slug = models.SlugField(_("end of its address"), max_length=200, blank=True)
    categories = ArrayField(models.CharField(max_length=100), verbose_name=_("categories"), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=100), verbose_name=_("tags"), default=list, blank=True)
    # Once something went out the variant stays in the records, even where the piece is not said there any more.
    is_dropped = models.BooleanField(default=False)

    objects = OwnedManager.from_queryset(VariantQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["piece", "channel"], name="variant_once", condition=models.Q(is_dropped=False)
            ),
        ]
        indexes = [models.Index(fields=["piece", "position", "id"], name="variant_in_order")]

    def __str__(self) -> str:
        return f"{self.piece} · {self.channel.name}"

    @property
    def department(self) -> Department | None:
        """The department of its piece: where the capability must be held."""
        return self.piece.department

    @property
    def language_there(self) -> str:
        """The language in which it goes out: its own, else that of its piece."""
        return self.language or self.piece.language
