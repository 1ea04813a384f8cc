"""What goes out, as one digest: the same for exactly the same, and for nothing else."""

from __future__ import annotations

import json
from hashlib import sha256

from content.models import Variant

# What of a variant goes out; everything else about it may change without anybody being asked anew.
FIELDS = (
    "channel_id", "title", "text", "link", "first_comment", "warning", "visibility", "language", "slug", "categories",
    "tags",
)  # fmt: skip


def digest_of(variant: Variant) -> str:
    """Return the SHA-256, in hexadecimal, of everything that a variant sends, its media and their words included."""
    said = [getattr(variant, name) for name in FIELDS]
    media = [[row.media.digest, row.words] for row in variant.media_rows.all()]
    return sha256(json.dumps([said, media], ensure_ascii=True).encode()).hexdigest()
