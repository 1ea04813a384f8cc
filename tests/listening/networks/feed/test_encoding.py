"""Bytes become the text that was meant."""

from __future__ import annotations

import codecs
import gzip

import pytest

from listening.networks.feed.encoding import decode, untwisted
from listening.networks.feed.parse import parse_feed


def feed(title: str, encoding: str, *, declared: str | None = None) -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return f"{head}<rss><channel><item><guid>1</guid><title>{title}</title></item></channel></rss>".encode(encoding)


RUSSIAN = "Сегодня в городе открывается новая библиотека для детей и взрослых"


@pytest.mark.parametrize(
    ("title", "encoding", "declared", "content_type"),
    [
        ("Café €", "utf-8", None, ""),
        ("Café €", "utf-8", "utf-8", "text/xml"),
        ("Café €", "utf-8-sig", "utf-8", ""),
        ("Café €", "utf-16", "utf-16", ""),
        ("Café €", "utf-16-le", "utf-16", ""),
        ("Café €", "utf-16-be", None, ""),
        ("Café €", "utf-32", None, ""),
        ("Café", "iso-8859-1", "ISO-8859-1", ""),
        ("Café €", "cp1252", "ISO-8859-1", ""),
        ("Café €", "cp1252", "windows-1252", ""),
        ("Café €", "cp1252", None, "text/xml; charset=windows-1252"),
        ("Café €", "iso-8859-15", "iso-8859-15", ""),
        ("Привет", "koi8-r", "KOI8-R", ""),
        ("Привет", "cp1251", "windows-1251", "text/xml; charset=ISO-8859-1"),
        ("Привет", "cp1251", None, 'application/rss+xml; charset="windows-1251"'),
        ("日本語の題名", "shift_jis", "Shift_JIS", ""),
        ("日本語の題名", "euc_jp", "EUC-JP", ""),
        ("日本語の題名", "iso2022_jp", "ISO-2022-JP", ""),
        ("中文标题", "gb2312", "gb2312", ""),
        ("中文標題", "big5", "Big5", ""),
        ("한국어 제목", "euc_kr", "euc-kr", ""),
        ("Café €", "utf-8", "ISO-8859-1", ""),
        ("Café €", "utf-8", "windows-1252", "text/xml; charset=iso-8859-1"),
        ("테스트 Café", "utf-8", "iso-8859-1", ""),
        ("Anaïs Jürgen", "iso-8859-1", "utf-8", ""),
        ("Café", "cp1252", None, ""),
        ("Café", "utf-8", "no-such-thing", ""),
        ("Café", "utf-8", "base64", ""),
        (RUSSIAN, "cp1251", None, ""),
        (RUSSIAN, "koi8-r", None, ""),
        (RUSSIAN, "cp1251", "utf-8", ""),
    ],
)
def test_the_title_is_as_it_was_meant(title: str, encoding: str, declared: str | None, content_type: str) -> None:
    (post,) = parse_feed(feed(title, encoding, declared=declared), content_type=content_type).posts
    assert post.title == title


def test_a_wrong_declaration_is_noted() -> None:
    assert decode(feed("Café", "utf-8", declared="iso-8859-1"))[1]
    assert decode(feed("Cafe", "utf-8", declared="iso-8859-1"))[1] == []


def test_one_bad_byte_does_not_spoil_the_rest() -> None:
    body = feed("größer † schöner", "utf-8", declared="utf-8").replace("†".encode(), b"\x86")
    (post,) = parse_feed(body).posts
    assert post.title == "größer † schöner"


def test_a_packed_file_is_unpacked() -> None:
    assert parse_feed(gzip.compress(feed("Café", "utf-8"))).posts[0].title == "Café"


def test_letters_encoded_twice_are_set_right_and_others_left_alone() -> None:
    assert untwisted("Ein schÃ¶ner â€žTagâ€œ") == "Ein schöner „Tag“"
    for text in ("schön", "Ã", "Ã¶ und ö", "Â£5 → £5", "日本"):
        assert untwisted(text) == text


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF32_BE])
def test_a_mark_alone_is_nothing(mark: bytes) -> None:
    assert decode(mark)[0] == ""
