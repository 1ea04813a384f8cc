"""The HTTP client against servers that behave, and servers that do not."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from listening.networks.http import Answer, Bounds, Http, user_agent
from listening.networks.protocols import NetworkError, NotSent, Unreachable, Unreadable
from tests.listening.networks.servers import Handler, Talk, saying, sending_on, serving, talking

QUICK = Bounds(connect=2, silence=0.5, total=1.5, size=100_000)
LOOPBACK = ["127.0.0.1"]


def visit(routes: dict[str, Handler], path: str = "/", headers: Mapping[str, str] | None = None) -> Answer:
    async def go() -> Answer:
        async with serving(routes) as address, Http(LOOPBACK, bounds=QUICK) as http:
            return await http.get(address + path, headers=headers)

    return asyncio.run(go())


def listen_to(talk: Talk) -> Answer:
    async def go() -> Answer:
        async with talking(talk) as address, Http(LOOPBACK, bounds=QUICK) as http:
            return await http.get(address + "/")

    return asyncio.run(go())


def test_an_answer_is_taken_whole_with_its_headers() -> None:
    answer = visit({"/": saying(b"hello", ETag='"a"', Cache_Control="max-age=60")})
    assert (answer.status, answer.body, answer.headers["etag"], answer.fresh_for) == (200, b"hello", '"a"', 60)


def test_we_say_who_asks_and_where_to_complain() -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers["User-Agent"])
        return web.Response()

    async def go() -> None:
        async with serving({"/": handler}) as address, Http(LOOPBACK, "https://listen.example/about", QUICK) as http:
            await http.get(address + "/")

    asyncio.run(go())
    assert seen == [f"{user_agent()} (+https://listen.example/about)"]


def test_a_single_call_works_without_a_loop() -> None:
    talked = asyncio.new_event_loop()

    async def go() -> tuple[int, bytes]:
        async with serving({"/": saying(b"once")}) as address:
            answer = await talked.run_in_executor(
                None, lambda: Http(LOOPBACK, bounds=QUICK).request("GET", address + "/")
            )
            return answer.status, answer.body

    assert talked.run_until_complete(go()) == (200, b"once")
    talked.close()


def test_json_is_sent_and_a_write_is_never_redirected() -> None:
    seen: list[Any] = []

    async def take(request: web.Request) -> web.StreamResponse:
        seen.append(await request.json())
        return web.Response(status=307, headers={"Location": "/"})

    async def go() -> Answer:
        async with serving({"/": take}) as address, Http(LOOPBACK, bounds=QUICK) as http:
            return await http.send("POST", address + "/", json={"text": "hi"})

    assert asyncio.run(go()).status == 307
    assert seen == [{"text": "hi"}]


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [((301,), "/1"), ((308, 301), "/2"), ((302,), ""), ((301, 302), "/1"), ((307, 301), ""), ((303,), "")],
)
def test_only_what_moved_for_good_from_the_start_counts_as_moved(statuses: tuple[int, ...], moved: str) -> None:
    paths = ["/", *(f"/{n}" for n in range(1, len(statuses) + 1))]
    routes = {path: sending_on(paths[n + 1], statuses[n]) for n, path in enumerate(paths[:-1])}
    answer = visit({**routes, paths[-1]: saying(b"here")})
    assert answer.body == b"here"
    assert len(answer.redirects) == len(statuses)
    assert answer.moved_to.endswith(moved) if moved else answer.moved_to == ""


def test_credentials_do_not_travel_to_another_site() -> None:
    seen: list[tuple[set[str], str | None]] = []
    secret = {"Authorization": "Bearer secret", "Api-Key": "secret", "X-Goog-Api-Key": "secret", "Api-Username": "us"}

    async def other(request: web.Request) -> web.StreamResponse:
        seen.append(({name for name in secret if name in request.headers}, request.headers.get("If-None-Match")))
        return web.Response(body=b"there")

    async def go() -> None:
        async with (
            serving({"/there": other}) as there,
            serving({"/": sending_on(f"{there}/there")}) as here,
            Http(LOOPBACK, bounds=QUICK) as http,
        ):
            await http.get(here + "/", headers={**secret, "If-None-Match": '"a"'})

    asyncio.run(go())
    assert seen == [(set(), '"a"')]


def test_what_found_no_connection_was_not_sent() -> None:
    for url in ("http://127.0.0.1:1/", "http://missing.example/"):
        with pytest.raises(NotSent):
            Http(LOOPBACK, bounds=QUICK, resolve=_nobody).request("POST", url, json={})
        with pytest.raises(Unreachable) as read:
            Http(LOOPBACK, bounds=QUICK, resolve=_nobody).request("GET", url)
        assert not isinstance(read.value, NotSent)


async def _nobody(_host: str, _port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_redirect_loop_ends() -> None:
    with pytest.raises(Unreachable, match="more than 5 times"):
        visit({"/": sending_on("/")})


@pytest.mark.parametrize("size", [100_000, 100_001])
def test_the_size_limit_is_exact_when_announced(size: int) -> None:
    if size <= QUICK.size:
        assert len(visit({"/": saying(b"x" * size)}).body) == size
    else:
        with pytest.raises(Unreachable, match=r"larger than 0\.1 MB"):
            visit({"/": saying(b"x" * size)})


def test_an_endless_body_is_cut_off() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    with pytest.raises(Unreachable, match="larger than"):
        listen_to(talk)


def test_a_slow_drip_ends_with_the_total_time() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    with pytest.raises(Unreachable, match="too slow"):
        listen_to(talk)


def test_slowly_dripping_headers_end_too() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Pad: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.1)

    with pytest.raises(NetworkError):
        listen_to(talk)


def test_silence_is_named() -> None:
    async def talk(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    with pytest.raises(Unreachable, match="silent"):
        listen_to(talk)


@pytest.mark.parametrize(
    "packed", [gzip.compress(b"\0" * 50_000_000, mtime=0), zlib.compress(b"\0" * 50_000_000)], ids=["gzip", "deflate"]
)
def test_a_bomb_is_counted_unpacked(packed: bytes) -> None:
    assert len(packed) < QUICK.size
    with pytest.raises(Unreachable, match="larger than"):
        visit({"/": saying(packed, Content_Encoding="gzip" if packed[:2] == b"\x1f\x8b" else "deflate")})


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"hello" * 1000, mtime=0)),
        ("x-gzip", gzip.compress(b"hello" * 1000, mtime=0)),
        ("gzip", gzip.compress(b"hello" * 500, mtime=0) + gzip.compress(b"hello" * 500, mtime=0)),
        ("gzip", gzip.compress(b"hello" * 1000, mtime=0) + b"\0\0\0"),
        ("deflate", zlib.compress(b"hello" * 1000)),
        ("deflate", raw_deflate(b"hello" * 1000)),
        ("identity", b"hello" * 1000),
    ],
)
def test_packed_answers_are_unpacked(encoding: str, body: bytes) -> None:
    assert visit({"/": saying(body, Content_Encoding=encoding)}).body == b"hello" * 1000


def test_a_feed_that_only_claims_to_be_packed_is_taken_as_it_is() -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n<rss/>")
        await writer.drain()

    assert listen_to(talk).body == b"<rss/>"


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", gzip.compress(b"hello" * 1000, mtime=0)[:-9], "broke off"),
        ("gzip", b"\x1f\x8b" + b"\xff" * 50, "could not be unpacked"),
        ("br", b"abc", "packed its answer as br"),
        ("gzip, gzip", b"abc", "packed its answer as gzip, gzip"),
    ],
)
def test_an_answer_that_cannot_be_unpacked_says_so(encoding: str, body: bytes, reason: str) -> None:
    with pytest.raises(NetworkError, match=reason):
        visit({"/": saying(body, Content_Encoding=encoding)})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>", "middle of its answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>", "middle of its answer"),
        (b"", "without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not in proper HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", "not in proper HTTP"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[::bad/\r\nContent-Length: 0\r\n\r\n", "not an address"),
    ],
)
def test_a_broken_answer_has_a_plain_reason(said: bytes, reason: str) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    with pytest.raises(NetworkError, match=reason):
        listen_to(talk)


def test_a_closed_port_a_missing_name_and_a_plain_server_asked_for_tls_are_told_apart() -> None:
    async def go() -> list[str]:
        reasons = []
        async with serving({"/": saying(b"")}) as address, Http(LOOPBACK, bounds=QUICK, resolve=_nobody) as http:
            for url in ("http://127.0.0.1:1/", "http://missing.example/", address.replace("http:", "https:") + "/"):
                with pytest.raises(Unreachable) as error:
                    await http.get(url)
                reasons.append(str(error.value))
        return reasons

    closed, missing, plain = asyncio.run(go())
    assert "refuses connections" in closed
    assert "No site called missing.example was found" in missing
    assert "secure connection" in plain


def test_an_untrusted_certificate_is_named(tmp_path: Any) -> None:
    import ssl

    certificate, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def go() -> None:
        server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        try:
            async with Http(LOOPBACK, bounds=QUICK) as http:
                await http.get(f"https://127.0.0.1:{port}/")
        finally:
            server.close()

    with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1 is not valid: self.signed certificate"):
        asyncio.run(go())


def self_signed(folder: Any) -> tuple[str, str]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_a_hundred_visits_share_one_client() -> None:
    async def go() -> int:
        async with serving({"/{n}": saying(b"x")}) as address, Http(LOOPBACK) as http:
            answers = await asyncio.gather(*(http.get(f"{address}/{n}") for n in range(100)))
            return sum(answer.status == 200 for answer in answers)

    assert asyncio.run(go()) == 100


def test_a_message_in_a_header_is_not_sent() -> None:
    with pytest.raises(Unreadable):
        visit({"/": saying(b"x")}, headers={"If-None-Match": '"a"\r\nX-Injected: 1'})
