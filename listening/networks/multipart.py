"""A file and some fields as a form, as browsers send it."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex

from listening.networks.publishing import OutgoingMedia


def form_of(media: OutgoingMedia, fields: Iterable[tuple[str, str]] = (), *, name: str = "") -> tuple[bytes, str]:
    """Return the body and its content type; the file goes under its own name, or the one that is given."""
    mark = f"touchline-{token_hex(16)}"
    named = "".join(letter for letter in name or media.name if letter.isalnum() or letter in "._- ") or "file"
    said = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in fields
    )
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{named}"\r\n'
        f"Content-Type: {media.content_type}\r\n\r\n"
    )
    body = said.encode() + head.encode() + media.body + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"
