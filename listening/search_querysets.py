"""Reads of the words of posts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from roles.tenancy import OwnedQuerySet

if TYPE_CHECKING:
    from listening.models import PostWords  # noqa: F401
    from listening.searching.compiling import Clause


class PostWordsQuerySet(OwnedQuerySet["PostWords"]):
    """The words of posts of the active organization."""

    def that(self, clause: Clause) -> Self:
        """Those that a compiled query asks for: all that it finds, and none besides if the clause is exact."""
        condition, values = clause.where()
        # Made of fixed pieces; whatever a person wrote is among the values.
        return self.filter(RawSQL(condition, values, output_field=BooleanField()))  # noqa: S611

    def share(self) -> float:
        """Which part of the organization's posts these are, as far as the database knows without a look."""
        plans = json.loads(self.union(self.model.objects.all(), all=True).explain(format="json"))[0]["Plan"]["Plans"]
        these, everything = (plan["Plan Rows"] for plan in plans)
        return float(these / everything)

    def one_in(self, number: int) -> Self:
        """An even sample, the same each time; by a hash, so that sources which take turns are not met in step."""
        hashed = RawSQL("abs(hashint8(post_id)::bigint) %% %s = 0", [number], output_field=BooleanField())
        return self.filter(hashed)
