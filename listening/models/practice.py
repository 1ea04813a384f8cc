"""The practice field: a small network that lives inside the organization."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from roles.tenancy import Owned


class PracticeAccount(Owned):
    """Someone who speaks on the practice field: one of the cast, or the organization itself."""

    handle = models.CharField(_("handle"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    bio = models.CharField(max_length=300, blank=True)
    followers = models.PositiveIntegerField(_("followers"), null=True)
    is_ours = models.BooleanField(default=False)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "handle"], name="practice_handle_once")]

    def __str__(self) -> str:
        return f"{self.name} (@{self.handle})"


class PracticePost(Owned):
    """A post on the practice field; `key` is the sender's idempotency key, of which there is at most one each."""

    account = models.ForeignKey(PracticeAccount, models.CASCADE, related_name="posts")
    text = models.TextField(_("text"), max_length=1000)
    in_reply_to = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    thread = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=100, null=True)
    published_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    # Grows with every change, so that a reader can go on where it stopped and sees edits and removals too.
    changed_number = models.BigIntegerField()
    removed_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="practice_key_once"),
            models.UniqueConstraint(fields=["organization", "changed_number"], name="practice_change_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "-published_at"], name="practice_newest"),
            models.Index(fields=["thread", "published_at"], name="practice_thread"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class PracticeScript(Owned):
    """Where the scripted cast stands: which line comes next, and when."""

    is_playing = models.BooleanField(default=False)
    next_line = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    seconds_between = models.PositiveIntegerField(default=45)

    class Meta(Owned.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="practice_script_once")]

    def __str__(self) -> str:
        return str(_("Script of the practice field"))
