"""Files given to whoever may see them: as what they were found to be, and as nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
CHUNK = 1 << 18
# A file from outside that is opened by itself may load nothing, run nothing and be framed by nobody.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "video/mp4": "mp4",
    "video/quicktime": "mov", "video/webm": "webm", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg",
    "audio/wav": "wav",
}  # fmt: skip


def name_for(name: str, content_type: str) -> str:
    """A file's name with the ending of what it is."""
    stem = name.rpartition(".")[0] or name
    return f"{stem}.{ENDINGS.get(content_type, 'bin')}"


def given(
    request: HttpRequest, path: str, *, content_type: str, name: str, size: int, lasts: bool = True
) -> HttpResponseBase:
    """Answer with a file or the stretch of it that was asked for; `lasts` where it never changes."""
    try:
        file = default_storage.open(path)
    except FileNotFoundError as problem:  # lost, or in another backup than the database
        raise Http404 from problem
    span = _span(request.headers.get("Range", ""), size)
    response: HttpResponseBase
    if span is None:
        response = FileResponse(file) if _far(file) is None else StreamingHttpResponse(_stretch(file, 0, size - 1))
        response.headers["Content-Length"] = str(size)
    elif span[0] >= size:
        file.close()
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
    else:
        response = StreamingHttpResponse(_stretch(file, *span), status=206)
        response.headers["Content-Range"] = f"bytes {span[0]}-{span[1]}/{size}"
        response.headers["Content-Length"] = str(span[1] - span[0] + 1)
    attached = "download" in request.GET
    response.headers["Content-Type"] = content_type
    response.headers["Content-Disposition"] = content_disposition_header(attached, name_for(name, content_type)) or ""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, max-age=86400, immutable" if lasts else "private, no-store"
    return response


def _span(said: str, size: int) -> tuple[int, int] | None:
    """The first and last byte that are asked for; None for the whole."""
    found = RANGE.fullmatch(said.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    return int(found[1]), min(int(found[2]) if found[2] else size - 1, size - 1)


def _far(file: IO[bytes]) -> Any:
    """The object of an object store that a file of its storage stands for; None where the file lies here."""
    found = getattr(file, "obj", None)
    return found if hasattr(found, "get") else None


def _stretch(file: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    with file:
        # Reading such a file would fetch all of it first, for every stretch of a film that is asked for.
        if far := _far(file):
            yield from far.get(Range=f"bytes={first}-{last}")["Body"].iter_chunks(CHUNK)
            return
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
