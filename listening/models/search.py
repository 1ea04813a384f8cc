"""What search looks into: the words of posts as queries see them, beside the posts and filled a moment later."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Value

from listening.search_querysets import PostWordsQuerySet
from roles.tenancy import Owned, OwnedManager


class PostWords(Owned):
    """The folded words of a post, each between spaces, and behind them its facts, which begin with a colon."""

    # The database itself removes the row with its post, whoever removes that and however.
    post = models.OneToOneField(
        "listening.Post", models.CASCADE, primary_key=True, related_name="words", db_constraint=False
    )
    words = models.TextField()
    captured_at = models.DateTimeField()

    objects = OwnedManager.from_queryset(PostWordsQuerySet)()  # type: ignore[assignment,misc]

    class Meta(Owned.Meta):
        verbose_name_plural = "post words"
        indexes = [
            models.Index(fields=["organization", "captured_at", "post"], name="postwords_captured"),
            # Words as they are, whatever the locale of the database thinks a letter is.
            GinIndex(
                Func(
                    Func(Func(F("words"), function="btrim"), Value(" "), function="string_to_array"),
                    function="array_to_tsvector",
                    output_field=SearchVectorField(),
                ),
                name="postwords_words",
            ),
        ]

    def __str__(self) -> str:
        return self.words[:80]


class PostToIndex(models.Model):
    """A post whose words search does not know yet, or no longer; each edit adds one more."""

    post_id = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "posts to index"

    def __str__(self) -> str:
        return str(self.post_id)
