"""What goes out, as one digest: the same for exactly the same, and for nothing else."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from content.models import Variant

# What of a variant goes out; everything else about it may change without anybody being asked anew.
FIELDS = (
    "channel_id", "title", "text", "link", "first_comment", "warning", "visibility", "language", "slug", "categories",
    "tags",
)  # fmt: skip
# By what of the piece, beside its author, a policy chooses whom it asks, and where they are found.
OF_PIECE = ("kind", "topic_id", "department_id")


def digest_of(variant: Variant) -> str:
    """Return the SHA-256, in hexadecimal, of everything that a variant sends, its media and their words included.

    What the piece is, and whose, is in it too: another would be asked, so a yes that was given before is none.
    """
    said = list(sent_by(variant).values())
    of_piece = [getattr(variant.piece, name) for name in OF_PIECE]
    media = [[row.media.digest, row.words] for row in variant.media_rows.all()]
    return sha256(json.dumps([said, of_piece, media], ensure_ascii=True).encode()).hexdigest()


def sent_by(variant: Variant) -> dict[str, Any]:
    """Return the fields of a variant as they go out: in the language of its piece where it says none."""
    return {name: getattr(variant, name) for name in FIELDS} | {"language": variant.language_there}
