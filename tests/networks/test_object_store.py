"""Media behind an object store that speaks S3: kept, given out in part, sent in parts, and removed there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage

from content import renditions, storing
from content.actions import media as actions
from content.models import Media, Rendition
from roles import clock
from tests.cast import Cast
from tests.content import files
from tests.content.test_uploads import add, begin
from tests.networks.object_store import server

pytestmark = pytest.mark.networks


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The default storage is a bucket."""
    with server.object_store() as url:
        # Behind what the house has: only what it lacks is taken from there.
        monkeypatch.setattr(sys, "path", [*sys.path, str(server.PLACE)])
        from storages.backends.s3 import S3Storage  # type: ignore[import-not-found, unused-ignore]

        options = {"access_key": "key", "secret_key": "secret", "region_name": "us-east-1", "endpoint_url": url}
        store = S3Storage(bucket_name="touchline", file_overwrite=False, max_memory_size=1_000_000, **options)
        store.connection.create_bucket(Bucket="touchline")
        monkeypatch.setattr(default_storage, "_wrapped", store)
        yield store.bucket


def there(bucket: Any) -> set[str]:
    return {one.key for one in bucket.objects.all()}


def test_media_live_in_the_bucket_and_leave_it(acme: Cast, sign_in: Any, bucket: Any) -> None:
    body, at = files.picture(size=(900, 900)), clock.now()
    row = actions.take_media(
        acme.organization, file=BytesIO(body), size=len(body), name="wheel.jpg", alt="A wheel.", by=acme.rosa, at=at
    )
    assert there(bucket) == {row.path}
    client = sign_in(acme.elif_)
    whole = client.get(f"/o/acme/content/media/{row.pk}/file/")
    assert len(b"".join(whole.streaming_content)) == row.size
    some = client.get(f"/o/acme/content/media/{row.pk}/file/", headers={"Range": "bytes=1-2"})
    assert some.status_code == 206 and b"".join(some.streaming_content) == b"\xd8\xff"
    assert renditions.make_due(now=clock.now) == 1
    small = Rendition.objects.get()
    assert small.width == 480 and there(bucket) == {row.path, small.file}
    actions.remove_media(row, by=acme.rosa, at=at)
    assert storing.sweep(at=at) == 2 and there(bucket) == set()


def test_a_file_in_parts_goes_on_where_it_broke_off(acme: Cast, sign_in: Any, bucket: Any) -> None:
    client, body = sign_in(acme.rosa), files.photograph()
    address = begin(client, len(body)).headers["Location"]
    assert add(client, address, 0, body[:100]).status_code == 204 and len(there(bucket)) == 1
    assert add(client, address, 100, body[100:]).status_code == 204
    row = Media.objects.get()
    storing.sweep(at=clock.now() + timedelta(hours=2))
    assert there(bucket) == {row.path}
