"""Taking in, describing, giving out and removing media."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import CaptureQueriesContext

from content import renditions, storing
from content.actions import media as actions
from content.models import Media, Rendition, StrayFile
from roles import clock
from roles.models import AuditEntry
from roles.permissions import NotAllowed
from tests import factories
from tests.cast import Cast
from tests.content import files


def take(cast: Cast, body: bytes, name: str = "wheel.jpg", **said: Any) -> Media:
    said = {"by": cast.rosa, "at": clock.now()} | said
    return actions.take_media(cast.organization, file=BytesIO(body), size=len(body), name=name, **said)


def stored(path: str) -> bytes:
    with default_storage.open(path) as file:
        return bytes(file.read())


def test_a_photograph_is_kept_once_and_clean(acme: Cast) -> None:
    row = take(acme, files.photograph(), "../My wheel\u202e.jpg", alt=" A wheel. ")
    assert (row.name, row.alt, row.content_type, row.width) == ("My wheel.jpg", "A wheel.", "image/jpeg", 40)
    assert b"Secret" not in stored(row.path) and len(stored(row.file.name)) == row.size
    assert row.file.name.startswith(f"media/{acme.organization.pk}/") and "wheel" not in row.file.name
    again = take(acme, files.photograph(), "other.jpg")
    assert again.pk == row.pk and take(acme, stored(row.path)).pk == row.pk
    assert AuditEntry.objects.filter(verb="take_media").count() == 1
    assert not StrayFile.objects.exists()


def test_what_another_organization_has_is_not_known_here(cast: Cast) -> None:
    from roles.tenancy import acting_for

    with acting_for(cast.organization):
        ours = take(cast, files.picture())
    with acting_for(cast.elsewhere):
        theirs = take(cast, files.picture(), by=None)
        assert theirs.pk != ours.pk and theirs.file.name != ours.file.name


def test_who_may_not_upload_is_refused(acme: Cast) -> None:
    with pytest.raises(NotAllowed):
        take(acme, files.picture(), by=acme.elif_)
    assert not Media.objects.exists() and not StrayFile.objects.exists()


def test_size_and_room_are_limited(acme: Cast, settings: Any) -> None:
    settings.MEDIA_FILE_MEGABYTES = 0
    with pytest.raises(ValidationError, match="larger"):
        take(acme, files.picture())
    settings.MEDIA_FILE_MEGABYTES, settings.MEDIA_QUOTA_MEGABYTES = 1, 0
    with pytest.raises(ValidationError, match="no room"):
        take(acme, files.picture())
    # Its file lay there already: it goes away again.
    [stray] = StrayFile.objects.all()
    assert default_storage.exists(stray.path)
    assert storing.sweep(at=clock.now() + timedelta(hours=2)) == 1 and not default_storage.exists(stray.path)


def test_what_is_used_cannot_be_removed_and_what_is_not_goes_with_its_files(acme: Cast) -> None:
    row, at = take(acme, files.picture(size=(900, 900)), alt="Red and blue."), clock.now()
    assert renditions.make_due(now=clock.now) == 1
    small = Rendition.objects.get()
    assert small.width == 480 and default_storage.exists(small.file) and small.due_at is None
    use = factories.variant().media_rows.create(media=row)
    with pytest.raises(ValidationError, match="1 variant"):
        actions.remove_media(row, by=acme.rosa, at=at)
    use.delete()
    actions.remove_media(row, by=acme.rosa, at=at)
    assert not Media.objects.exists() and StrayFile.objects.count() == 2
    assert storing.sweep(at=at) == 2
    assert not default_storage.exists(row.file.name) and not default_storage.exists(small.file)


def test_words_that_go_out_cannot_be_taken_away_and_new_ones_are_a_new_version(acme: Cast) -> None:
    row, variant = take(acme, files.picture(), alt="Red and blue."), factories.variant()
    variant.media_rows.create(media=row)
    with pytest.raises(ValidationError, match="go out"):
        actions.describe_media(row, alt=" ", by=acme.rosa, at=clock.now())
    before = variant.piece.version
    actions.describe_media(row, alt="Half red, half blue.", name="flag.jpg", by=acme.rosa, at=clock.now())
    variant.piece.refresh_from_db()
    assert variant.piece.version == before + 1


def test_a_rendition_that_cannot_be_made_is_put_off_and_given_up(acme: Cast) -> None:
    row, at = take(acme, files.picture(size=(900, 900))), clock.now()
    default_storage.delete(row.file.name)
    for look in range(10):
        renditions.make_due(now=lambda look=look: at + timedelta(days=look))  # type: ignore[misc]
    small = Rendition.objects.get()
    assert small.due_at is None and small.failures == renditions.MOST_FAILURES + 1 and small.problem


def test_the_page_takes_a_file_without_script(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    body = {"file": SimpleUploadedFile("w.jpg", files.photograph(), "text/html"), "alt": "A wheel."}
    answer = client.post("/o/acme/content/media/take/", body)
    row = Media.objects.get()
    assert answer.status_code == 302 and answer.headers["Location"] == f"/o/acme/content/media/{row.pk}/"
    shown = client.get(answer.headers["Location"])
    assert "A wheel." in shown.content.decode()
    refused = client.post("/o/acme/content/media/take/", {"file": SimpleUploadedFile("a.svg", b"<svg onload=1>")})
    assert refused.status_code == 422 and "Save it as PNG" in refused.content.decode()
    assert client.post("/o/acme/content/media/take/", {"alt": "x"}).status_code == 422


def test_several_files_come_with_one_form_and_what_is_none_keeps_nobody_else_back(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    wheel = lambda: SimpleUploadedFile("w.jpg", files.photograph())  # noqa: E731
    flag = lambda: SimpleUploadedFile("f.png", files.picture("PNG"))  # noqa: E731
    both = client.post("/o/acme/content/media/take/", {"file": [wheel(), flag()]})
    assert both.status_code == 302 and both.headers["Location"] == "/o/acme/content/media/"
    assert list(Media.objects.order_by("pk").values_list("name", flat=True)) == ["w.jpg", "f.png"]
    words = client.post("/o/acme/content/media/take/", {"file": [wheel(), flag()], "alt": "A wheel."})
    assert words.status_code == 422 and "one file only" in words.content.decode()
    bad = SimpleUploadedFile("a<b>.svg", b"<svg onload=1>")
    mixed = client.post("/o/acme/content/media/take/", {"file": [bad, SimpleUploadedFile("n.gif", files.moving())]})
    said = mixed.content.decode()
    assert mixed.status_code == 422 and "a&lt;b&gt;.svg: An SVG" in said and ">n.gif</a>" in said
    assert Media.objects.count() == 3 and not Media.objects.exclude(alt="").exists()


def test_several_for_a_variant_are_attached_or_described_first(acme: Cast, sign_in: Any) -> None:
    client, variant = sign_in(acme.rosa), factories.variant()
    one, other = factories.media(alt="A dot."), factories.media(alt="")
    said = {"variant": variant.pk, "media": [one.pk, other.pk]}
    answer = client.post("/o/acme/content/media/take/", said)
    assert answer.headers["Location"] == f"/o/acme/content/variants/{variant.pk}/media/"
    assert [row.media for row in variant.media_rows.all()] == [one]
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "2 files kept" in shown and f'id="alt_{other.pk}"' in shown
    again = client.post("/o/acme/content/media/take/", said)
    assert again.status_code == 422 and "already" in again.content.decode() and variant.media_rows.count() == 1


def test_a_file_that_is_too_large_is_not_even_written(acme: Cast, sign_in: Any, settings: Any) -> None:
    settings.MEDIA_FILE_MEGABYTES = 1
    body = {"file": SimpleUploadedFile("w.jpg", b"x" * 1_500_000)}
    refused = sign_in(acme.rosa).post("/o/acme/content/media/take/", body)
    assert refused.status_code == 422 and "1 megabytes" in refused.content.decode()


def test_a_file_is_given_as_what_it_is_and_can_do_nothing(acme: Cast, sign_in: Any) -> None:
    row, client = take(acme, files.film(), 'we"ird\n name.html', alt="A film."), sign_in(acme.elif_)
    answer = client.get(f"/o/acme/content/media/{row.pk}/file/")
    assert answer.headers["Content-Type"] == "video/mp4" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["Content-Disposition"] == 'inline; filename="we\\"ird name.mp4"'
    assert b"".join(answer.streaming_content) == stored(row.path)
    some = client.get(f"/o/acme/content/media/{row.pk}/file/", headers={"Range": "bytes=4-7"})
    assert some.status_code == 206 and b"".join(some.streaming_content) == b"ftyp"
    last = client.get(f"/o/acme/content/media/{row.pk}/file/?download", headers={"Range": "bytes=-3"})
    assert b"".join(last.streaming_content) == b"\x01\x02\x03"
    assert last.headers["Content-Disposition"].startswith("attachment")
    beyond = client.get(f"/o/acme/content/media/{row.pk}/file/", headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416
    assert sign_in(acme.sam).get(f"/o/acme/content/media/{row.pk}/file/").status_code == 404


def test_the_library_asks_as_often_for_twenty_as_for_one(acme: Cast, sign_in: Any) -> None:
    from django.db import connection

    client = sign_in(acme.rosa)
    factories.media()
    client.get("/o/acme/content/media/")
    with CaptureQueriesContext(connection) as one:
        client.get("/o/acme/content/media/")
    for _number in range(20):
        factories.media(alt="")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/o/acme/content/media/")
    assert len(many) == len(one) and page.content.decode().count("Not described") == 20
    found = client.get("/o/acme/content/media/?which=unused&kind=image&q=picture").content.decode()
    assert found.count("media__card") == 21


def test_programs_do_the_same(acme: Cast, api: Any) -> None:
    client = api(acme.rosa)
    body = {"file": SimpleUploadedFile("w.jpg", files.photograph()), "alt": "A wheel."}
    answer = client.client.post("/api/v1/media/", body, headers=client.headers | {"Idempotency-Key": "once"})
    assert answer.status_code == 201 and answer.json()["width"] == 40, answer.content
    key = answer.json()["id"]
    refused = client.client.post("/api/v1/media/", {"file": SimpleUploadedFile("x", b"MZ")}, headers=client.headers)
    assert refused.status_code == 400 and "not a picture" in refused.json()["detail"]
    assert client.put(f"/api/v1/media/{key}/", {"alt": "Another."}).json()["alt"] == "Another."
    assert b"".join(client.get(f"/api/v1/media/{key}/file/").streaming_content).startswith(b"\xff\xd8")
    variant = factories.variant()
    bare = factories.media(alt="")
    said = {"variant": variant.pk, "media": bare.pk}
    assert client.post("/api/v1/variant-media/", said).status_code == 400
    row = client.post("/api/v1/variant-media/", said | {"alt": "A dot."})
    assert row.status_code == 201 and row.json()["words"] == "A dot."
    assert client.post("/api/v1/variant-media/", said).status_code == 409
    stale = {"variant": variant.pk, "media": key, "version": 1}
    assert client.post("/api/v1/variant-media/", stale).status_code == 409
    assert client.delete(f"/api/v1/media/{bare.pk}/").status_code == 400
    assert client.delete(f"/api/v1/variant-media/{row.json()['id']}/").status_code == 204
    assert client.delete(f"/api/v1/media/{bare.pk}/").status_code == 204
