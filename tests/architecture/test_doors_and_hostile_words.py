"""What a program sends through the doors to harm: addresses of this machine, letters nobody sees, odd days."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from content.calendar_filter import Wanted
from listening import polling
from listening.models import OutboundWebhook, Source
from listening.notices.carriers import BadAddress, service_of
from listening.way_out.states import address_said
from listening.webhooks import telling
from roles import clock
from roles.models import Department, Invitation, Mail, Role, User
from tests import factories
from tests.architecture.routes import pages
from tests.architecture.rows import one_of_each
from tests.architecture.sources import sources
from tests.cast import PASSWORD, Cast, join_all

# This machine, by all the names that programs give it.
HERE = (
    "127.0.0.1", "127.1", "0", "0.0.0.0", "localhost", "LOCALHOST.", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.0.0.1", "127。0。0。1", "a@127.0.0.1",
    "example.org@127.0.0.1", "127.0.0.1%00.example.org", "127.0.0.1%2523@example.org", "example.org\\@127.0.0.1",
    "example.org#@127.0.0.1", "127.0.0.1\t", "\u200b127.0.0.1",
)  # fmt: skip
SCHEMES = ("gopher", "dict", "file", "ftp", "ldap", "jar:http", "netdoc", "javascript", "data")
UNSEEN = "A\x00\x08\x1b[31m\r\nBcc: x@planted.example\u2028\u202e\u2066\ufeffB\ud7ff"
ELSEWHERE = (
    "//planted.example", "///planted.example", "////planted.example/%2e%2e",
    "/\\planted.example", "\\\\planted.example",
    "/\t/planted.example", "https://planted.example", "https:planted.example", "http:///planted.example",
    "//planted.example:80", "javascript:alert(1)", "data:text/html,x", "//localhost@planted.example",
    "https://testserver@planted.example/", "https://testserver.planted.example/", "\x00//planted.example",
    " //planted.example", "/%09//planted.example/..//",
)  # fmt: skip


class Listening:
    """A server on this machine that only counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.came = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                line, _from = self.socket.accept()
            except OSError:
                return
            self.came += 1
            line.close()


@pytest.fixture
def server() -> Iterator[Listening]:
    listening = Listening()
    yield listening
    listening.socket.close()


def addresses(port: int) -> list[str]:
    return [*(f"http://{host}:{port}/feed" for host in HERE), *(f"{scheme}://127.0.0.1:{port}/a" for scheme in SCHEMES)]


def test_no_door_leads_a_program_to_this_machine(acme: Cast, api: Any, server: Listening, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    carla, olga, at = api(acme.carla), api(acme.olga), clock.now()
    factories.query("acme")
    taken = 0
    for number, address in enumerate(addresses(server.port)):
        provider = {"name": "P", "kind": "openid_connect", "issuer": address, "client_id": "c", "secret": "s"}
        doors = [
            carla.post("/api/v1/sources/", {"network": "feed", "place": address}),
            carla.post("/api/v1/sources/discover/", {"address": address}),
            carla.post("/api/v1/outbound-webhooks/", {"name": f"W{number}", "url": address, "events": ["mention"]}),
            carla.post("/api/v1/notice-addresses/", {"name": f"N{number}", "address": address, "kinds": ["warning"]}),
            carla.post("/api/v1/ideas/", {"text": "acme", "url": address}),
            olga.post("/api/v1/identity-provider/change/", provider | {"is_active": True}),
        ]
        assert not [one.status_code for one in doors if one.status_code >= 500], address
        taken += sum(one.status_code < 300 for one in doors)
    assert taken > 0  # a door that takes nothing would prove nothing
    Source.objects.update(next_poll_at=at)
    polling.poll_due(at)
    telling.gather(at=at)
    telling.tell_due(now=clock.now)
    assert not OutboundWebhook.objects.filter(url__contains="@").exists()
    assert server.came == 0


def test_letters_that_nobody_sees_begin_no_line_anywhere(
    acme: Cast, api: Any, django_capture_on_commit_callbacks: Any
) -> None:
    olga, carla = api(acme.olga), api(acme.carla)
    said = {"name": UNSEEN, "title": UNSEEN, "text": UNSEEN, "kind": "campaign", "expression": "acme"}
    said |= {"begins_on": "2026-03-01", "ends_on": "2026-03-02", "email": "new@example.org", "role": "responder"}
    said |= {"network": "by-hand", "place": "https://a.example/"}
    for path in ("departments", "topics", "campaigns", "series", "guidelines", "ideas", "channels", "tracking-queries",
                 "inbound-webhooks", "invitations", "sources"):  # fmt: skip
        for who in (olga, carla):
            for words in (UNSEEN, UNSEEN.replace("\x00", "")):
                answer = who.post(f"/api/v1/{path}/", {**said, "name": words, "title": words, "text": words})
                assert answer.status_code < 500, (path, words)
    names = [*Department.objects.values_list("name", flat=True), *Invitation.objects.values_list("name", flat=True)]
    assert len(names) > 1
    assert not [name for name in names if any(letter in name for letter in "\x00\r\n\x1b\u2028")]
    typed = Client()
    typed.force_login(acme.rosa.user)
    assert typed.post("/o/acme/account/name/", {"name": "Rosa\r\nBcc: x"}).status_code == 400
    assert User.objects.get(pk=acme.rosa.user.pk).name == "Rosa"
    assert not [mail.subject for mail in Mail.everywhere.all() if "\n" in mail.subject or "\r" in mail.subject]


@pytest.mark.parametrize("door", ["login", "language", "logout"])
def test_nobody_is_led_elsewhere(acme: Cast, door: str) -> None:
    for wanted in ELSEWHERE:
        client = Client()
        if door == "login":
            said = {"login": acme.rosa.user.email, "password": PASSWORD, "next": wanted}
            answer = client.post("/accounts/login/", said)
        else:
            client.force_login(acme.rosa.user)
            path = "/accounts/logout/" if door == "logout" else "/o/acme/account/language/"
            answer = client.post(path, {"next": wanted, "language": ""})
        place = answer.headers.get("Location", "")
        led = urlsplit(urljoin("https://testserver/", place.replace("\\", "/")))
        assert (led.scheme, led.hostname) == ("https", "testserver"), (wanted, place)


DAYS = (
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "-1", "2026-13-01", "1e5", "٢٠٢٦-٠٣-٠١", "",
)  # fmt: skip


@pytest.mark.parametrize("day", DAYS)
def test_an_odd_day_is_refused_or_kept_and_breaks_nothing(acme: Cast, api: Any, day: str) -> None:
    carla = api(acme.carla)
    asked = [
        carla.post("/api/v1/campaigns/", {"name": "Odd", "kind": "campaign", "begins_on": day, "ends_on": day}),
        carla.get(f"/api/v1/time/?week={day}"),
        carla.get(f"/api/v1/calendar/?from={day}&until={day}"),
        carla.get(f"/api/v1/figures/?from={day}&until={day}"),
        carla.post("/api/v1/time/", {"day": day, "minutes": 5, "activity": "responding"}),
        carla.post(
            "/api/v1/absences/",
            {"member": acme.carla.pk, "begins_at": f"{day}T00:00:00Z", "ends_at": f"{day}T01:00:00Z"},
        ),
        carla.post(
            "/api/v1/invitations/", {"email": "a@example.org", "role": "responder", "ends_at": f"{day}T00:00:00Z"}
        ),
    ]
    assert not [one.status_code for one in asked if one.status_code >= 500]
    client = Client()
    client.force_login(acme.carla.user)
    paths = ("content/calendar/", "time/", "measure/explore/", "content/", "content/campaigns/", "audit/", "stream/")
    for path in paths:
        for query in (f"day={day}", f"from={day}&until={day}", f"month={day}", f"week={day}", f"begins_on={day}"):
            assert client.get(f"/o/acme/{path}?{query}").status_code < 500, (path, query)


@pytest.mark.parametrize("broken", ["http://[", "https://[::1", "//[", "http://testserver]/?a=1"])
def test_an_address_that_cannot_be_taken_apart_is_refused_or_nobodys(acme: Cast, sign_in: Any, broken: str) -> None:
    row = factories.assignment(department=acme.care, member=acme.rosa)
    htmx = {"HX-Request": "true", "HX-Current-URL": broken, "Referer": broken}
    rosa = sign_in(acme.rosa)
    assert rosa.get("/o/acme/queue/", headers=htmx).status_code == 200
    assert rosa.post(f"/o/acme/queue/{row.pk}/claim/", {"next": broken}, headers=htmx).status_code < 400
    assert Wanted.at_address(broken).view == "month"
    with pytest.raises(ValidationError, match="whole address"):
        address_said(broken)
    with pytest.raises(BadAddress, match="Something is missing"):
        service_of(f"json:{broken.removeprefix('http:').removeprefix('https:')}")


# What a form or an address of ours says, wherever it is read.
ASKED = re.compile(r"\b(?:GET|POST|said|asked)\.(?:get|getlist)\(\"(\w+)\"")
ODD = (
    "9" * 5000, "9" * 30, "-1", "٣", "1e9", "9999-12-31", "0001-01-01", "2026-W99", "\x00", "http://[", "[", "%",
    "\u202e", "none", "a" * 3000, "1,2;3", "2026-03-01T25:61",
)  # fmt: skip


def test_no_page_fails_over_what_is_asked_of_it(acme: Cast, sign_in: Any) -> None:
    names = {name for path in sources() if "views" in path.parts for name in ASKED.findall(path.read_text())}
    assert len(names) > 40
    key = one_of_each(acme)
    [ada] = join_all([("Ada", list(Role), None)])
    client = sign_in(ada)
    client.raise_request_exception = False
    failed = [
        (route.path, value)
        for route, value in zip(pages(), cycle(ODD), strict=False)
        if client.get(f"/o/acme{route.filled(key)}", dict.fromkeys(names, value)).status_code >= 500
    ]
    assert failed == []


@pytest.mark.parametrize("key", ["9" * 5000, "9" * 30, "-1", "x", "\x00"])
def test_a_key_that_no_row_can_have_is_nobodys(acme: Cast, sign_in: Any, key: str) -> None:
    client = sign_in(acme.carla)
    for path in ("rules/history/", "rules/try/", "queue/", "stream/", "audit/"):
        said = dict.fromkeys(("before", "mention", "after", "by", "opened", "key"), key)
        assert client.get(f"/o/acme/{path}", said).status_code in {200, 400, 404}, path
    for path in ("rules/order/", f"team/{acme.rosa.pk}/time-blocks/"):
        said = {"rule": [key], "count": key, "days": key, "newest": key}
        assert client.post(f"/o/acme/{path}", said).status_code < 500, path
