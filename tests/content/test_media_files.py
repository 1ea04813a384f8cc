"""What an uploaded file is told by, what is taken from it, and what is refused."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from content import films, pictures, streams
from content.media_files import Fit, made_fit, named
from tests.content import files


def fit(body: bytes) -> tuple[Fit, bytes]:
    made = made_fit(BytesIO(body), len(body))
    made.file.seek(0)
    return made, made.file.read()


def test_a_photograph_stands_upright_and_says_nothing_of_itself() -> None:
    made, kept = fit(files.photograph())
    image = Image.open(BytesIO(kept))
    assert (made.content_type, made.width, made.height) == ("image/jpeg", 40, 60)
    assert image.size == (40, 60) and not image.getexif() and "comment" not in image.info
    assert image.convert("RGB").getpixel((20, 5))[0] > 200 and image.convert("RGB").getpixel((20, 55))[2] > 200  # type: ignore[index]
    assert b"Secret" not in kept and b"home" not in kept and b"Exif" not in kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_hides_behind_a_picture_stays_behind(kind: str) -> None:
    made, kept = fit(files.picture(kind) + b"<script>alert(1)</script>PK\x03\x04")
    assert made.content_type == pictures.TYPES[kind] and b"script" not in kept and b"PK\x03" not in kept
    assert fit(files.picture(kind))[0].digest == made.digest


def test_what_moves_keeps_moving() -> None:
    made, kept = fit(files.moving())
    image = Image.open(BytesIO(kept))
    assert made.content_type == "image/gif" and image.n_frames == 3 and b"somebody" not in kept  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (files.bomb(), "million pixels"),
        (files.bomb(9_000, 9_000), "million pixels"),
        (files.bomb(100, 100), "cannot be read"),
        (files.picture()[:400], "cannot be read"),
        (b"GIF89a" + b"\xff" * 100, "cannot be read"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG"),
        (b"  <svg><script>1</script></svg>", "SVG"),
        (b"<html><script>alert(1)</script>", "not a picture"),
        (b"%PDF-1.7 ...", "not a picture"),
        (b"MZ\x90\0" + b"\0" * 200, "not a picture"),
        (b"PK\x03\x04" + b"\0" * 200, "not a picture"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "JPEG"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 100, "cannot be read"),
        (files.film()[:200], "cannot be read"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska" + b"\0" * 100, "not a picture"),
        (b"RIFF\x10\0\0\0WAVE" + b"\0" * 30, "cannot be read"),
        (b"\xff\xfb\x90\x00" + b"x" * 600, "not a picture"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        made_fit(BytesIO(body), len(body))


def test_a_picture_that_moves_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_FRAMES", 5)
    with pytest.raises(ValidationError, match="film"):
        fit(files.moving(6))


def test_a_film_says_no_longer_where_it_was_made_and_is_else_the_same() -> None:
    body = files.film()
    made, kept = fit(body)
    assert (made.content_type, made.width, made.height, made.duration) == ("video/mp4", 640, 360, 2.5)
    assert not made.tells and len(kept) == len(body)
    assert b"+52.3740" not in kept and b"udta" not in kept and kept.endswith(b"\x01\x02\x03" * 50)
    assert fit(kept)[0].digest == made.digest
    assert fit(files.film(b"qt  "))[0].content_type == "video/quicktime"


def test_sounds_lose_their_tags() -> None:
    made, kept = fit(files.sound())
    assert made.content_type == "audio/mpeg" and kept.startswith(b"\xff\xfb") and b"Secret" not in kept
    made, kept = fit(files.wave())
    assert (made.content_type, made.duration) == ("audio/wav", 1.0) and b"Secret" not in kept
    assert kept.endswith(b"\x80" * 8000)
    assert fit(b"OggS" + b"\0" * 24 + b"OpusHead" + b"\0" * 50)[0].tells
    made, kept = fit(files.webm())
    assert made.tells and made.content_type == "video/webm" and kept == files.webm()


def test_a_webm_says_no_longer_what_it_was_called_and_who_made_it() -> None:
    body = files.whole_webm(b"Secret place")
    made, kept = fit(body)
    assert (made.content_type, made.width, made.height, made.duration) == ("video/webm", 640, 360, 3.0)
    assert not made.tells and len(kept) == len(body) and b"Secret" not in kept
    assert kept.count(files.PACKET) == body.count(files.PACKET) == 2
    assert fit(kept)[0].digest == made.digest
    # What begins in the middle of nothing, or never ends, stays as it is, and its page says so.
    assert fit(body[:-30])[0].tells and fit(body[:-30])[1] == body[:-30]


def test_who_walks_a_webm_takes_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_ELEMENTS", 9)
    made, kept = fit(files.whole_webm(b"Secret"))
    assert made.tells and b"Secret" in kept


@pytest.mark.parametrize(("of", "cover", "times"), [("opus", 0, 1), ("vorbis", 70_000, 1), ("opus", 70_000, 2)])
def test_an_ogg_says_no_longer_who_made_it_and_its_pages_add_up(of: str, cover: int, times: int) -> None:
    body = files.ogg(b"Secret maker", of=of, cover=cover, times=times)
    made, kept = fit(body)
    assert (made.content_type, made.duration, made.tells) == ("audio/ogg", 2.0 if times == 1 else None, False)
    assert len(kept) == len(body) and b"Secret" not in kept and b"xxx" not in kept
    assert kept.count(files.PACKET) == body.count(files.PACKET) >= times
    pages = [b"OggS" + page for page in kept.split(b"OggS")[1:]]
    assert all(files.ogg_sum(page) == int.from_bytes(page[22:26], "little") for page in pages)
    assert fit(kept)[0].digest == made.digest
    assert fit(body[:-30])[0].tells and b"Secret" in fit(body[:-30])[1]


@settings(max_examples=80)
@given(st.sampled_from(["webm", "opus", "vorbis"]), st.integers(0, 2000), st.binary(min_size=1, max_size=9))
def test_broken_ones_are_taken_as_they_are_or_refused(kind: str, at: int, hit: bytes) -> None:
    body = files.whole_webm(b"Secret") if kind == "webm" else files.ogg(b"Secret", of=kind)
    at %= len(body)
    body = body[:at] + hit + body[at + len(hit) :]
    try:
        _made, kept = fit(body)
    except ValidationError:
        return
    assert len(kept) == len(body)


@settings(max_examples=60)
@given(
    st.binary(max_size=300),
    st.sampled_from([
        b"", b"\0\0\0\x18ftypisom", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WAVE", b"ID3", files.webm()[:32],
        files.ogg(b"A")[:80],
    ]),
)  # fmt: skip
def test_whatever_comes_is_taken_or_refused_and_nothing_else(tail: bytes, head: bytes) -> None:
    body = head + tail
    try:
        assert films.found(BytesIO(body), len(body)) is None or head
        made_fit(BytesIO(body), len(body))
    except ValidationError:
        pass


def test_a_box_cannot_lead_out_of_the_file_or_round_in_circles() -> None:
    for length in (0, 1, 7, 2**31):
        body = files.film()[:24] + struct.pack(">I4s", length, b"moov") + b"\0" * 40
        with pytest.raises(ValidationError):
            made_fit(BytesIO(body), len(body))


def test_a_picture_is_made_as_small_as_a_network_takes_it() -> None:
    noise = Image.effect_noise((1600, 1200), 100).convert("RGB")
    out = BytesIO()
    noise.save(out, "PNG")
    small = pictures.reduced(out, side=2000, most_bytes=200_000, types=("image/jpeg", "image/png"))
    assert len(small.data) <= 200_000 and small.content_type == "image/jpeg" and small.width < 1600
    clear = BytesIO()
    Image.new("RGBA", (900, 30), (0, 0, 0, 0)).save(clear, "PNG")
    assert pictures.reduced(clear, side=300).content_type == "image/webp"
    assert pictures.reduced(clear, side=300, types=("image/jpeg",)).width == 300


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\holiday.jpg", "holiday.jpg"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("a\x00b\r\nSet-Cookie: x.png", "abSet-Cookie: x.png"),
        ("", "Without a name"),
        ("x" * 500, "x" * 200),
    ],
)
def test_a_name_is_a_name(said: str, kept: str) -> None:
    assert named(said) == kept


@pytest.mark.parametrize("said", ["\u2066\x1b[31m", "\ufeff\u202e", "../", "\ud800", "\U000e0001x"])
def test_no_name_has_letters_that_are_not_seen(said: str) -> None:
    assert named(said).isprintable() and "/" not in named(said)
