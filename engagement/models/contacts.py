"""With whom we speak."""

from __future__ import annotations

from django.db import models

from roles.tenancy import Owned


class Contact(Owned):
    """An author to whom we have spoken: since when, and who of us did last and when."""

    author = models.OneToOneField("listening.Author", models.CASCADE, related_name="contact")
    member = models.ForeignKey("roles.Member", models.SET_NULL, null=True, related_name="+", db_index=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta(Owned.Meta):
        pass

    def __str__(self) -> str:
        return str(self.author)
