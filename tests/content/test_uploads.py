"""Uploads in parts: they go on where they broke off, and come to one end."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage

from content import storing
from content.actions import uploads as actions
from content.models import Media, StrayFile, Upload, UploadPart
from roles import clock
from tests.cast import Cast
from tests.content import files

BEGIN = "/o/acme/content/media/uploads/"
PART = "application/offset+octet-stream"


def begin(client: Any, size: int, name: str = "wheel.jpg") -> Any:
    said = {"Upload-Length": str(size), "Upload-Metadata": f"filename {b64encode(name.encode()).decode()},x"}
    return client.post(BEGIN, headers=said)


def add(client: Any, address: str, begins: int, data: bytes) -> Any:
    return client.patch(address, data, content_type=PART, headers={"Upload-Offset": str(begins), "Content-Type": PART})


def test_a_file_goes_on_where_it_broke_off(acme: Cast, sign_in: Any) -> None:
    client, body = sign_in(acme.rosa), files.photograph()
    begun = begin(client, len(body), "Räder.jpg")
    address = begun.headers["Location"]
    assert begun.status_code == 201 and begun.headers["Tus-Resumable"] == "1.0.0"
    first = add(client, address, 0, body[:100])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "100")
    # A part that came twice, and one that is not the next.
    assert add(client, address, 0, body[:100]).status_code == 409
    assert add(client, address, 200, body[200:]).headers["Upload-Offset"] == "100"
    asked = sign_in(acme.rosa).head(address)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("100", str(len(body)))
    last = add(client, address, 100, body[100:])
    row = Media.objects.get()
    assert (last.status_code, last.headers["Upload-Media"]) == (204, str(row.pk)) and row.name == "Räder.jpg"
    assert client.head(address).status_code == 404 and not Upload.objects.exists()
    given = client.post("/o/acme/content/media/take/", {"media": row.pk, "alt": "A wheel."})
    assert given.status_code == 302 and Media.objects.get().alt == "A wheel."
    paths = list(StrayFile.objects.values_list("path", flat=True))
    assert paths and storing.sweep(at=clock.now() + timedelta(hours=2)) == len(paths)
    assert not any(default_storage.exists(path) for path in paths) and default_storage.exists(row.file.name)


def test_what_is_no_picture_is_refused_at_its_end_and_leaves_nothing(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    address = begin(client, 10).headers["Location"]
    refused = add(client, address, 0, b"MZ" + b"\0" * 8)
    assert refused.status_code == 422 and b"not a picture" in refused.content
    assert not Upload.objects.exists() and not UploadPart.objects.exists() and not Media.objects.exists()


def test_nobody_else_goes_on_with_it(acme: Cast, sign_in: Any) -> None:
    address = begin(sign_in(acme.rosa), 10).headers["Location"]
    assert add(sign_in(acme.rui), address, 0, b"x").status_code == 404
    assert sign_in(acme.rui).delete(address).status_code == 404
    assert sign_in(acme.rosa).delete(address).status_code == 204 and not Upload.objects.exists()


def test_what_is_announced_is_bounded(acme: Cast, sign_in: Any, settings: Any) -> None:
    client, settings.MEDIA_FILE_MEGABYTES = sign_in(acme.rosa), 1
    assert begin(client, 2_000_000).status_code == 422
    assert begin(client, 0).status_code == 422
    assert client.post(BEGIN).status_code == 400
    address = begin(client, 10).headers["Location"]
    assert add(client, address, 0, b"x" * 11).status_code == 422
    assert client.patch(address, b"x", content_type="text/plain").status_code == 415
    settings.MEDIA_QUOTA_MEGABYTES = 1
    assert begin(client, 999_995).status_code == 422  # what is on its way has its room already
    for _number in range(actions.MOST_AT_ONCE - 1):
        assert begin(client, 10).status_code == 201
    assert begin(client, 10).status_code == 422


def test_what_never_came_to_its_end_goes_away(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    address = begin(client, 10).headers["Location"]
    add(client, address, 0, b"xxx")
    path = UploadPart.objects.get().path
    assert actions.end_old_uploads(at=clock.now() + timedelta(hours=23)) == 0
    later = clock.now() + timedelta(hours=25)
    assert actions.end_old_uploads(at=later) == 1 and not Upload.objects.exists()
    assert default_storage.exists(path) and storing.sweep(at=later) == 1 and not default_storage.exists(path)


def test_an_end_that_failed_by_the_way_can_be_asked_for_again(acme: Cast, sign_in: Any, monkeypatch: Any) -> None:
    client, body = sign_in(acme.rosa), files.picture()
    client.raise_request_exception = False
    address = begin(client, len(body)).headers["Location"]

    def dies(*_said: Any, **_named: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("content.actions.media.record", dies)
        assert add(client, address, 0, body).status_code == 500
    assert not Media.objects.exists() and client.head(address).headers["Upload-Offset"] == str(len(body))
    assert add(client, address, len(body), b"").headers["Upload-Media"] == str(Media.objects.get().pk)
