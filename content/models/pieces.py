"""Works: what is written once, and said in a variant for each channel."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.piece_querysets import WORDS, PieceQuerySet
from engagement.models.joinings import Step
from roles.tenancy import Owned, OwnedManager


class Piece(Owned):
    """A work on its way to be said: a body of its own, and a variant for each channel.

    `version` counts every change of it and of its variants, which are one document. How far it has come is derived from
    the publications of its variants (`content.standing`).
    """

    class Kind(models.TextChoices):
        POST = "post", _("Post")
        ARTICLE = "article", _("Article")
        PICTURE = "picture", _("Picture")
        FILM = "film", _("Film")
        AUDIO = "audio", _("Audio")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DROPPED = "dropped", _("Dropped")

    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("text"), max_length=200_000, blank=True)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.POST)
    # What it does for its readers, of the seven steps from listening to promotion.
    step = models.CharField(_("step"), max_length=15, choices=Step, default=Step.PROVIDE_VALUE)
    language = models.CharField(_("language"), max_length=12, blank=True)
    topic = models.ForeignKey(
        "listening.Topic", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("topic")
    )
    department = models.ForeignKey(
        "roles.Department", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    campaign = models.ForeignKey(
        "content.Campaign", models.SET_NULL, null=True, blank=True, related_name="pieces", verbose_name=_("campaign")
    )
    series = models.ForeignKey(
        "content.Series", models.SET_NULL, null=True, blank=True, related_name="pieces", verbose_name=_("series")
    )
    series_number = models.PositiveIntegerField(_("number in the series"), null=True, blank=True)
    idea = models.ForeignKey("content.Idea", models.SET_NULL, null=True, blank=True, related_name="pieces")
    # What it was made of, where it says again elsewhere what another said.
    from_piece = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="offspring")
    # After so many days it may be said again; empty for what is true only once.
    rests_days = models.PositiveSmallIntegerField(_("may be said again after (days)"), null=True, blank=True)
    author = models.ForeignKey("roles.Member", models.PROTECT, related_name="+", verbose_name=_("author"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+")

    objects = OwnedManager.from_queryset(PieceQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["series", "series_number"],
                name="piece_once_in_series",
                condition=models.Q(series__isnull=False, series_number__isnull=False),
                violation_error_message=_("Another piece of the series has this number."),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "-id"], name="piece_newest"),
            models.Index(fields=["organization", "author", "-id"], name="piece_of_author"),
            GinIndex(WORDS, name="piece_words"),
        ]

    def __str__(self) -> str:
        return self.title
