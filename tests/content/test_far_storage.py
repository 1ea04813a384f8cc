"""Files in an object store: what is asked for is fetched from there, and no more than that."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from content.models import VariantMedia
from content.outgoing import outgoing_piece
from content.publishing import publications_out
from listening.networks.protocols import Access
from tests import factories
from tests.cast import Cast
from tests.content.doubles import Square

BODY = bytes(range(256)) * 40


class FarFile(ContentFile):  # type: ignore[type-arg]
    """A file as storages of object stores give it: to read it is to fetch all of it, to ask its object is not."""

    def __init__(self, asked: list[str]) -> None:
        super().__init__(b"")
        self.asked = asked

    @property
    def obj(self) -> Any:
        return self

    def get(self, *, Range: str) -> Any:  # noqa: N803 - as the store's own program calls it
        self.asked.append(Range)
        first, _dash, last = Range.removeprefix("bytes=").partition("-")
        return {"Body": Body(BODY[int(first) : int(last) + 1])}

    def read(self, *_said: Any) -> bytes:
        raise AssertionError("All of it was fetched.")

    seek = read  # type: ignore[assignment]


class Body(BytesIO):
    """What the store answers."""

    def iter_chunks(self, size: int) -> Any:
        while chunk := self.read(size):
            yield chunk


@pytest.mark.parametrize(
    ("wanted", "status", "range_asked", "body"),
    [
        ("", 200, f"bytes=0-{len(BODY) - 1}", BODY),
        ("bytes=100-199", 206, "bytes=100-199", BODY[100:200]),
        ("bytes=-6", 206, f"bytes={len(BODY) - 6}-{len(BODY) - 1}", BODY[-6:]),
    ],
)
def test_only_the_stretch_that_is_asked_for_is_fetched(
    acme: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch, wanted: str, status: int, range_asked: str, body: bytes
) -> None:
    row, asked = factories.media(size=len(BODY)), list[str]()
    monkeypatch.setattr(type(default_storage._wrapped), "_open", lambda *_said: FarFile(asked))  # type: ignore[attr-defined]
    headers = {"Range": wanted} if wanted else {}
    answer = sign_in(acme.rosa).get(f"/o/acme/content/media/{row.pk}/file/", headers=headers)
    assert (answer.status_code, asked) == (status, [])
    assert b"".join(answer.streaming_content) == body and asked == [range_asked]


def test_to_look_whether_it_arrived_no_file_is_read(
    creating: Cast, planned: Any, square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = planned()
    VariantMedia.objects.create(variant=row.variant, media=factories.media(alt="A wheel."))

    def refuse(*_said: Any) -> Any:
        raise OSError("The storage is away.")

    whole = outgoing_piece(row)
    monkeypatch.setattr(type(default_storage._wrapped), "_open", refuse)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="away"):
        outgoing_piece(row)
    looked: list[Any] = []
    monkeypatch.setattr(Square, "find_piece", lambda _self, _access, piece: looked.append(piece))
    assert publications_out.find(Access(), row) is None
    [seen] = looked
    assert [(one.name, one.content_type, one.alt) for one in seen.media] == [
        (one.name, one.content_type, one.alt) for one in whole.media
    ]
    assert whole.media[0].body and not seen.media[0].body and seen.key == whole.key
