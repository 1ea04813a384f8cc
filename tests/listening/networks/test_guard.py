"""Which addresses are fetched, and that what was checked is what is connected to."""

from __future__ import annotations

import asyncio

import pytest

from listening.networks.guard import AddressRefused, Guard, GuardedSession, PinningResolver, is_public, must_be_https
from listening.networks.http import Bounds, Http
from listening.networks.protocols import NetworkError
from tests.listening.networks.servers import saying, sending_on, serving
from tests.listening.receiver import Receiver

QUICK = Bounds(connect=2, silence=2, total=4)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:8000/feed",
        "http://10.1.2.3/",
        "http://172.31.255.255/",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://192.0.0.192/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:53aa:64c::1]/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://1.2.3.4.5/",
        "http://o177.0.0.1/",
        "http://①②⑦.0.0.1/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://user@example.org/",
        "http://user:password@example.org/",
        "http://@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://exa mple.org/",
        "http://example.org\r\nX: y/",
        "http:///path",
        "http:example.org",
        "//example.org/",
        "example.org",
        "http://example.org:99999/",
        "",
    ],
)
def test_an_address_that_is_never_fetched_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        Guard().check_url(url)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://example.org:8443/a?b=c",
        "http://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://bücher.example/",
    ],
)
def test_a_public_address_passes(url: str) -> None:
    assert Guard().check_url(url).host


@pytest.mark.parametrize(
    ("listed", "url", "passes"),
    [
        ("127.0.0.1", "http://127.0.0.1:9000/", True),
        ("127.0.0.1:9000", "http://127.0.0.1:9000/", True),
        ("127.0.0.1:9000", "http://127.0.0.1:9001/", False),
        ("127.0.0.1", "http://127.0.0.2/", False),
        ("10.0.0.0/8", "http://10.200.0.1/", True),
        ("10.0.0.0/8:80", "http://10.200.0.1:81/", False),
        ("[::1]:80", "http://[::1]/", True),
        ("::1", "http://[::1]:81/", True),
        ("127.0.0.1", "http://[::ffff:127.0.0.1]/", True),
        ("10.0.0.0/8", "http://192.168.0.1/", False),
        ("127.0.0.1", "http://2130706433/", False),
        ("intranet", "http://127.0.0.1/", False),
    ],
)
def test_the_operator_lists_private_addresses(listed: str, url: str, passes: bool) -> None:
    guard = Guard.allowing([listed])
    if passes:
        assert guard.check_url(url)
    else:
        with pytest.raises(AddressRefused):
            guard.check_url(url)


@pytest.mark.parametrize("line", ["10.0.0.0/99", "host:port", "a b", "user@host"])
def test_a_wrong_line_in_the_setting_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="FETCH_ALLOWED_PRIVATE_HOSTS"):
        Guard.allowing([line])


def resolving(*answers: list[str]) -> PinningResolver:
    return PinningResolver(Guard(), names(*answers))


def names(*answers: list[str]):  # type: ignore[no-untyped-def]
    left = list(answers)

    async def resolve(_host: str, _port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        asyncio.run(resolving(["10.0.0.1"]).resolve("example.org", 80))


def test_of_several_addresses_only_the_public_ones_are_connected_to() -> None:
    found = asyncio.run(resolving(["10.0.0.1", "8.8.8.8", "::1"]).resolve("example.org", 80))
    assert [result["host"] for result in found] == ["8.8.8.8"]


def test_a_translated_address_is_judged_by_what_it_stands_for() -> None:
    found = asyncio.run(resolving(["64:ff9b::808:808"]).resolve("example.org", 80))
    assert len(found) == 1
    with pytest.raises(AddressRefused):
        asyncio.run(resolving(["64:ff9b::a00:1"]).resolve("example.org", 80))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_public(address: str) -> None:
    from ipaddress import ip_address

    assert is_public(ip_address(address))


def test_a_name_that_changes_its_mind_after_the_check_reaches_nothing() -> None:
    """DNS rebinding: were there a second look-up after the check, the server on loopback would be reached."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.1", "8.8.8.8"][:1] if len(asked) > 1 else ["192.0.2.1"]

    async def visit() -> None:
        async with serving({"/": saying(b"secret")}) as address:
            port = address.rpartition(":")[2]
            async with Http(bounds=QUICK, resolve=resolve) as http:
                await http.get(f"http://rebinding.example:{port}/")

    with pytest.raises(AddressRefused):
        asyncio.run(visit())
    assert asked == ["rebinding.example"]


def test_the_connection_goes_to_the_very_address_that_was_checked() -> None:
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    seen: list[str] = []

    async def handler(request):  # type: ignore[no-untyped-def]
        seen.append(request.headers["Host"])
        return await saying(b"ok")(request)

    async def visit() -> bytes:
        async with serving({"/": handler}) as address:
            port = address.rpartition(":")[2]
            async with Http(["127.0.0.1"], bounds=QUICK, resolve=resolve) as http:
                return (await http.get(f"http://pinned.example:{port}/")).body

    assert asyncio.run(visit()) == b"ok"
    assert asked == ["pinned.example"]
    assert seen[0].startswith("pinned.example:")


@pytest.mark.parametrize(
    "place",
    [
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/",
        "http://0x7f000001/",
        "file:///etc/passwd",
        "//127.0.0.2/",
    ],
)
def test_a_redirect_to_a_private_address_is_not_followed(place: str) -> None:
    async def visit() -> None:
        async with serving({"/": sending_on(place)}) as address, Http([address[7:]], bounds=QUICK) as http:
            await http.get(address + "/")

    with pytest.raises(NetworkError, match="sent us on to an address that is not fetched"):
        asyncio.run(visit())


def test_a_redirect_to_a_name_that_leads_to_a_private_address_is_not_followed() -> None:
    async def visit() -> None:
        routes, inside = {"/": sending_on("http://inside.example/")}, names(["192.168.1.1"])
        async with serving(routes) as address, Http([address[7:]], bounds=QUICK, resolve=inside) as http:
            await http.get(address + "/")

    with pytest.raises(AddressRefused, match=r"inside\.example leads to 192\.168\.1\.1"):
        asyncio.run(visit())


def test_a_proxy_that_the_machine_names_is_not_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    there, proxy = Receiver(), Receiver()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    try:
        assert GuardedSession(Guard.allowing(["127.0.0.1"])).post(there.url, data=b"news").status_code == 200
        assert len(there.got) == 1 and proxy.got == []
    finally:
        for one in (there, proxy):
            one.server.shutdown()
            one.server.server_close()


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://social.example.org", True), ("http://social.example.org", False), ("http://8.8.8.8:8080", False),
        ("http://127.0.0.1:3000", True), ("http://192.168.1.5/forum", True), ("http://localhost:3000", True),
        ("http://forum.internal", True), ("http://forum.internal.example.org.", False), ("http://[::1]:80", True),
    ],
)  # fmt: skip
def test_secrets_go_unencrypted_only_within_ones_own_network(address: str, is_taken: bool) -> None:
    if is_taken:
        must_be_https(address)
        return
    with pytest.raises(ValueError, match="by https://"):
        must_be_https(address)


def test_every_network_that_is_told_a_server_refuses_a_secret_in_the_open() -> None:
    from listening.networks.bluesky.identity import server_address
    from listening.networks.discourse.connecting import address_of as forum_address
    from listening.networks.mastodon.connecting import address_of
    from listening.networks.wordpress.connect import site_address

    for read in (server_address, forum_address, address_of, site_address):
        assert read("social.example.org") == "https://social.example.org"
        with pytest.raises(ValueError, match="by https://"):
            read("http://social.example.org")
