"""What somebody sends us to harm, by forms, programs, files, headers and addresses: a row, a reason, never a fault."""

from __future__ import annotations

import csv
import io
import re
import socket
from collections.abc import Callable
from itertools import cycle
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from content import media_files
from listening import opml, polling
from listening.actions.source_lists import import_sources
from listening.connections.words import connectable
from listening.matching.language import QueryError, parse
from listening.models import Connection, OutboundWebhook, Poll, Source
from listening.webhooks import telling
from measurement import payback_files
from roles import clock, holiday_files, member_files, provider_metadata, sheets
from roles.models import Calendar, Department, IdentityProvider, Role
from tests import factories
from tests.architecture.routes import routes
from tests.architecture.rows import one_of_each
from tests.cast import PASSWORD, Cast, join_all
from tests.corpus.attacks import addresses, days, documents, formulas, lines, strange, where_attacks, words

pytestmark = where_attacks


@pytest.fixture
def ada(acme: Cast) -> Any:
    """Somebody who holds every role."""
    [everybody] = join_all([("Ada", list(Role), None)])
    return everybody


# What they take besides words; a name that a door does not know changes nothing there.
DOORS: dict[str, dict[str, Any]] = {
    "departments": {}, "topics": {}, "ideas": {}, "saved-replies": {}, "guidelines": {}, "gap-reports": {},
    "huddle-entries": {"kind": "lesson"}, "presences": {"kind": "account"}, "annotations": {"first_day": "2026-03-01"},
    "campaigns": {"kind": "campaign", "begins_on": "2026-03-01", "ends_on": "2026-03-02"}, "tracking-queries": {},
    "series": {}, "roles": {"capabilities": ["engagement.reply"]}, "calendars": {"time_zone": "UTC"},
}  # fmt: skip
NAMES = ("name", "title", "text", "note", "about", "question", "reason", "quote", "page_title", "url", "address",
         "expression", "language", "network", "description", "first_comment", "body")  # fmt: skip
SHOWN = ("departments/", "topics/", "content/ideas/", "saved-replies/", "guidelines/", "huddle/", "queries/",
         "content/campaigns/", "content/series/", "team/roles/", "calendars/", "presences/")  # fmt: skip


def shown(client: Client) -> dict[str, str]:
    """The pages that list what was made, as far as there are such."""
    answers = {path: client.get(f"/o/acme/{path}") for path in SHOWN}
    assert not [path for path, answer in answers.items() if answer.status_code >= 500]
    return {path: answer.content.decode() for path, answer in answers.items() if answer.status_code == 200}


def test_every_word_is_taken_or_refused_and_shown_as_it_is(ada: Any, api: Any, sign_in: Any) -> None:
    program, client, taken = api(ada), sign_in(ada), 0
    plain = shown(client)
    assert len(plain) > 5
    for word, (door, more) in zip(words()[:560:4], cycle(DOORS.items()), strict=False):
        answer = program.post(f"/api/v1/{door}/", {**dict.fromkeys(NAMES, word[:300]), **more})
        assert answer.status_code < 500, (door, word)
        taken += answer.status_code < 300
        assert answer.status_code < 300 or answer.json()["detail"]
    assert taken > 30
    found = shown(client)
    assert {path: strange(page, plain[path]) for path, page in found.items() if strange(page, plain[path])} == {}
    assert not [
        name for name in Department.objects.values_list("name", flat=True) if re.search(r"[\x00\r\n\u2028]", name)
    ]


BODIES = ("[]", '{"ids": {}, "name": [], "text": {}, "until": [], "steps": 1, "fields": "x", "to": {}}')


def test_a_body_of_another_shape_is_refused(acme: Cast, ada: Any, api: Any, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 0
    program, key, failed, tried = api(ada), one_of_each(acme), [], 0
    program.client.raise_request_exception = False
    for route in routes():
        if not route.path.startswith("/api/v1/") or "format" in route.parameters:
            continue
        for method in {"post", "put", "patch"} & {*getattr(route.view, "actions", {})}:
            for body in BODIES:
                answer = getattr(program, method)(route.filled(key), body)
                tried += 1
                if answer.status_code >= 500:
                    failed.append((method, route.path, body))
    assert tried > 200 and failed == []


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("body", [DEEP, '{"a":' * 50_000, "NaN", '{"text": "\\ud800"}', "\x00", "{"])
def test_a_body_that_is_no_json_of_ours_is_refused_with_a_word(ada: Any, api: Any, body: str) -> None:
    answer = api(ada).post("/api/v1/ideas/", body)
    assert answer.status_code == 400 and answer.json()["detail"]


# Pages, and what they take in their address.
SEARCHED: dict[str, tuple[str, ...]] = {
    "stream/": ("q", "since", "until", "topic", "author"), "content/": ("q", "state"), "content/ideas/": ("q",),
    "content/media/": ("q",), "audit/": ("by", "verb", "kind"), "queries/preview/": ("expression",),
    "content/calendar/": ("month", "day", "zone"), "measure/explore/": ("from", "to", "beside", "network"),
    "saved-replies/": ("q",), "sources/": ("q", "state"),
}  # fmt: skip


def test_whatever_is_looked_for_is_found_or_not(ada: Any, api: Any, sign_in: Any) -> None:
    client, program = sign_in(ada), api(ada)
    for word, (path, names) in zip(words()[:485:16], cycle(SEARCHED.items()), strict=False):
        answer = client.get(f"/o/acme/{path}", dict.fromkeys(names, word))
        assert answer.status_code < 500, (path, word)
        assert program.get("/api/v1/mentions/", {"q": word, "since": word, "cursor": word}).status_code < 500, word
    refused = []
    for word in words():
        try:
            parse(word)
        except QueryError as problem:
            refused.append(str(problem))
    assert len(refused) > 50 and all(refused)


def test_whatever_stands_in_a_header_breaks_no_page(ada: Any, api: Any, sign_in: Any) -> None:
    client, program = sign_in(ada), api(ada)
    said = [word for word in words() if word.isascii() and word.isprintable() and len(word) < 300][::60]
    assert len(said) > 12
    for word in said:
        names = ("User-Agent", "Accept-Language", "Referer", "HX-Target", "HX-Current-URL", "If-None-Match", "Accept")
        headers = {"HX-Request": "true", **dict.fromkeys(names, word)}
        client.cookies["theme"] = client.cookies["django_language"] = client.cookies["messages"] = word
        assert client.get("/o/acme/team/", headers=headers).status_code < 500, word
        assert client.post("/o/acme/content/ideas/note/", {"text": ""}, headers=headers).status_code < 500, word
        key = {"Idempotency-Key": word}
        assert program.post("/api/v1/ideas/", {"text": "acme"}, headers=key).status_code < 500, word
        assert Client().get("/api/v1/ideas/", headers={"Authorization": f"Token {word}"}).status_code == 401, word


Reader = Callable[[bytes], Any]
READERS: dict[str, tuple[Reader, type[Exception] | tuple[type[Exception], ...]]] = {
    "list of feeds": (opml.read, opml.NotOpml),
    "holidays": (
        lambda body: holiday_files.read(body.decode(errors="replace"), today=clock.now().date()),
        holiday_files.NotACalendar,
    ),
    "pasted metadata": (
        lambda body: provider_metadata.take(f"<{body.decode(errors='replace')}"), provider_metadata.Unreadable
    ),
    "metadata as they are": (provider_metadata.read, provider_metadata.Unreadable),
}  # fmt: skip


@pytest.mark.parametrize("kind", READERS)
def test_a_file_of_another_kind_is_refused_with_a_word(kind: str) -> None:
    read, refused = READERS[kind]
    for name, body in documents().items():
        for sent in (
            body,
            body * 3,
            b"\xef\xbb\xbf" + body,
            body.decode("latin-1").encode("utf-16"),
            body[: len(body) // 2],
        ):
            with pytest.raises(refused) as refusal:
                read(sent)
            assert str(refusal.value), name


def test_files_come_in_by_no_upload(ada: Any, sign_in: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    at = clock.now()
    client = sign_in(ada)
    calendar = Calendar.objects.create(name="Days", time_zone="UTC", created_at=at, changed_at=at).pk
    for name, body in list(documents().items())[::3]:
        for place, field in (
            ("content/media/take/", "file"), ("sources/import/", "file"), ("team/import/", "file"),
            (f"calendars/{calendar}/import-holidays/", "file"), ("measure/return/import/", "file"),
        ):  # fmt: skip
            sent = SimpleUploadedFile(name, body or b" ", content_type="image/png")
            answer = client.post(f"/o/acme/{place}", {field: sent, "alt": "x"})
            assert answer.status_code < 500, (place, name)
            assert place != "content/media/take/" or answer.status_code == 422, name
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["members", "payback"])
def test_lines_of_a_file_say_what_is_wrong(ada: Any, sign_in: Any, kind: str) -> None:
    client, place = sign_in(ada), "team/import/" if kind == "members" else "measure/return/import/"
    columns = member_files.COLUMNS if kind == "members" else tuple(payback_files.COLUMNS)
    plain = client.get(f"/o/acme/{place}").content.decode()
    odd = ["\r", "a\rb", "\n", '"', "9999-12-31", "0001-01-01", "9" * 5000, "x" * 140_000]
    for said in (words()[:150], [*days(), *formulas()], odd):
        head = ",".join(columns)
        until = (f"a{number}@example.org,A,responder,,,,5,{word}" for number, word in enumerate(said))
        for text in (
            "".join(sheets.lines(columns, ([word] * len(columns) for word in said))),
            "\n".join([head, *(",".join([word] * len(columns)) for word in said)]),
            "\n".join([head, *until]),
        ):
            file = SimpleUploadedFile("x.csv", text.encode("utf-8", "replace"))
            answer = client.post(f"/o/acme/{place}", {"file": file})
            assert answer.status_code in {200, 422}, said[:3]
            assert strange(answer.content.decode(), plain) == []


def test_no_word_becomes_a_formula() -> None:
    said = [
        *words(),
        *(f"{before}{word}" for before in ("", " ", "\u00a0", "\ufeff", "\t", "\u200b ") for word in formulas()),
    ]
    made = csv.reader(sheets.lines(["a", "b"], ([word, f"x{word}"] for word in said)))
    cells = [cell for row in made for cell in row]
    assert len(cells) == 2 * len(said) + 2
    assert not [cell for cell in cells if cell.strip(" \u00a0\ufeff\u200b")[:1] in {*sheets.FORMULA_MARKS}]


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Any]:
    """Every name leads inside; returns what was connected to besides our own Valkey."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    ours, found = urlsplit(settings.REDIS_URL), []
    really = socket.socket.connect

    def connect(one: socket.socket, address: Any) -> None:
        if one.family == socket.AF_UNIX or (isinstance(address, tuple) and address[1] == (ours.port or 6379)):
            really(one, address)
            return
        found.append(address)
        raise ConnectionRefusedError("nobody is there")

    def lookup(host: Any, port: Any, *_args: Any, **_said: Any) -> list[Any]:
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, int(port or 80), *more))
            for family, address, *more in (
                (socket.AF_INET, "127.0.0.1"),
                (socket.AF_INET6, "::ffff:169.254.169.254", 0, 0),
            )
        ]

    cache.get("x")
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return found


def inside() -> list[str]:
    """Addresses that differ in where they lead; the rest of one is its business alone."""
    return list({(urlsplit(one).scheme, urlsplit(one.split("\\")[0]).netloc): one for one in addresses()}.values())


def test_no_door_of_a_program_leads_inside(acme: Cast, ada: Any, api: Any, went: list[Any]) -> None:
    program = api(ada)
    program.client.raise_request_exception = False
    for number, address in enumerate(inside()[::2]):
        provider = {"name": "P", "kind": "openid_connect", "issuer": address, "client_id": "c", "secret": "s"}
        answers = [
            program.post("/api/v1/sources/", {"network": "feed", "place": address}),
            program.post("/api/v1/sources/discover/", {"address": address}),
            program.post("/api/v1/outbound-webhooks/", {"name": f"W{number}", "url": address, "events": ["mention"]}),
            program.post("/api/v1/notice-addresses/", {"name": f"N{number}", "address": address, "kinds": ["warning"]}),
            program.post("/api/v1/ideas/", {"text": "acme", "url": address}),
            program.post("/api/v1/identity-provider/change/", provider),
            program.post("/api/v1/identity-provider/change/", {"name": "P", "kind": "saml", "metadata": address}),
        ]
        assert not [one.status_code for one in answers if one.status_code >= 500], address
        assert answers[1].status_code >= 400 and answers[1].json()["detail"], address
    source = b"<opml><body>%s</body></opml>" % b"".join(
        b"<outline xmlUrl='%s'/>" % one.replace("&", "&amp;").replace("'", "").encode() for one in inside()
    )
    import_sources(opml.read(source), by=ada, at=clock.now())
    factories.query("acme")
    Source.objects.update(next_poll_at=clock.now())
    polling.poll_due(clock.now())
    telling.gather(at=clock.now())
    telling.tell_due(now=clock.now)
    assert Poll.objects.count() > 3 and not Poll.objects.exclude(outcome="refused").exists()
    assert went == [] and OutboundWebhook.objects.filter(url__contains="@").count() == 0


def test_no_server_of_a_network_lies_inside(ada: Any, sign_in: Any, went: list[Any]) -> None:
    client, tried = sign_in(ada), 0
    ways = [(found.network.name, way) for found in connectable() if found.offer for way in found.offer.ways]
    doors = [(name, way) for name, way in ways if any(one.kind == "address" or one.name == "imap" for one in way.asked)]
    assert {name for name, _way in doors} >= {"mastodon", "discourse", "wordpress", "bluesky", "mail"}
    for address, (name, way) in zip(inside() * 3, cycle(doors), strict=False):
        host = urlsplit(address.split("\\")[0]).netloc
        usual = {"handle": "acme.bsky.social", "address": "acme@example.org", "imap": host, "smtp": host}
        said = {
            f"asked_{one.name}": address if one.kind == "address" else usual.get(one.name, "x") for one in way.asked
        }
        answer = client.post(f"/o/acme/connections/add/{name}/{way.name}/", said)
        # Where one signs in at a server that is only named, the browser goes there, and not we.
        assert answer.status_code in {422, 302, 200}, (name, way.name, address)
        tried += answer.status_code == 422
    assert tried > 50 and went == [] and not Connection.objects.exists()


def test_a_provider_that_lies_inside_is_not_asked(ada: Any, sign_in: Any, went: list[Any]) -> None:
    client = sign_in(ada)
    for address in inside()[::3]:
        for kind, said in (("openid_connect", {"issuer": address}), ("saml", {"metadata": address})):
            more = {"name": "P", "kind": kind, "client_id": "c", "secret": "s", "is_active": "on", **said}
            assert client.post("/o/acme/signing-in/provider/", more).status_code in {302, 422}, address
            for provider in IdentityProvider.objects.filter(kind="openid_connect"):
                answer = Client().get(f"/accounts/oidc/{provider.key}/login/")
                assert answer.status_code in {404, 502}, address
    assert went == []


def test_nobody_is_led_elsewhere_by_any_of_them(acme: Cast) -> None:
    asked = [*lines("ssrf/open_redirect_urls.txt"), *addresses()[:20]]
    assert len(asked) > 60
    signed_in = Client()
    signed_in.force_login(acme.rosa.user)
    for number, wanted in enumerate(asked):
        if number % 10 == 0:
            cache.clear()
        said = {"login": acme.rosa.user.email, "password": PASSWORD, "next": wanted}
        answers = [Client().post("/accounts/login/", said)] if number % 3 == 0 else []
        answers.append(signed_in.post("/o/acme/account/language/", {"next": wanted, "language": ""}))
        for answer in answers:
            place = answer.headers.get("Location", "")
            led = urlsplit(urljoin("https://testserver/", place.replace("\\", "/")))
            assert (led.scheme, led.hostname) == ("https", "testserver"), (wanted, place)


def test_every_media_file_is_told_by_its_content() -> None:
    for name, body in documents().items():
        with pytest.raises(Exception) as refusal:  # noqa: PT011 - its class is looked at
            media_files.made_fit(io.BytesIO(body), len(body))
        assert type(refusal.value).__name__ in {"Unfit", "ValidationError"} and str(refusal.value), name
