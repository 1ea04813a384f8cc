"""A real Chromium on a real server, workers' work done in between by the test itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest, HttpResponseBase
from django.test import Client

from config.ports import answers
from config.services import free_port
from tests.cast import PASSWORD, Cast, assemble
from tests.chromium import arguments, find_chromium
from tests.e2e.axe import session_of

# Playwright runs an event loop in the test's thread, and Django would refuse its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
WIDTHS = (1440, 390)
SHOTS = Path(os.environ["SHOTS"]) if "SHOTS" in os.environ else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if find_chromium() is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


@pytest.fixture(scope="package", autouse=True)
def _static_files_are_asked_for_once() -> Iterator[None]:
    """A browser keeps stylesheets and scripts for a while, as it does those of a collected folder."""
    plain = StaticFilesHandler.serve

    def serve(handler: Any, request: HttpRequest) -> HttpResponseBase:
        answer = plain(handler, request)
        answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", serve)
        yield


@pytest.fixture(scope="package", autouse=True)
def _nobody_tells_what_happens() -> Iterator[None]:
    """Pages ask for events where nobody answers, whatever else runs on this machine at the usual port."""
    with socket.socket() as held, pytest.MonkeyPatch.context() as patch:
        held.bind(("127.0.0.1", 0))
        patch.setattr(settings, "EVENTS_URL", f"http://127.0.0.1:{held.getsockname()[1]}")
        yield


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """One Chromium for all journeys in a row; while it is there, no other event loop can run in the thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=arguments())
        yield browser
        browser.close()


@pytest.fixture
def stage(transactional_db: None) -> Cast:
    """The cast, committed, so that the server sees it."""
    return assemble()


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Look again and again whether something holds."""
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not come"
        sleep(0.1)


class EventStream:
    """The process that runs beside the pages, which can go and come back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def comes(self) -> None:
        """Run, and answer."""
        command = [sys.executable, "-m", "uvicorn", "config.events:application", "--port", str(self.port)]
        command += ["--log-level", "error"]
        self.process = subprocess.Popen(command, env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"})
        wait_until(lambda: answers("127.0.0.1", self.port, "/health/"))
        assert self.process.poll() is None

    def goes(self) -> None:
        """End at once: asked to, it would wait for the pages that still listen."""
        if self.process:
            self.process.kill()
            self.process.wait(20)


@pytest.fixture
def events(live_server: Any, settings: Any) -> Iterator[EventStream]:
    """The event stream, as it runs beside the pages."""
    stream = EventStream()
    settings.EVENTS_URL = f"http://127.0.0.1:{stream.port}"
    stream.comes()
    yield stream
    stream.goes()


class Visitor:
    """Somebody at a browser."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, kind: str, text: str) -> None:
        # The event stream is not running beside most journeys; the page says so in the console and goes on.
        if kind == "error" and "/events?" not in text and "ERR_CONNECTION_REFUSED" not in text:
            self.complaints.append(text)

    def goes_to(self, path: str) -> Any:
        """Open an address of Acme's."""
        return self.page.goto(f"{self.address}/o/acme{path}")

    def signs_in(self, member: Any) -> Visitor:
        """Come in with a session of one's own, as if the form had been filled in before."""
        client = Client()
        client.force_login(member.user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.address, "httpOnly": True}]
        )
        return self

    def fills_in_the_form(self, member: Any) -> Visitor:
        """Sign in as a person does."""
        self.page.goto(f"{self.address}/accounts/login/")
        self.page.get_by_label("E-mail").or_(self.page.get_by_label("Email")).first.fill(member.user.email)
        self.page.get_by_label("Password").first.fill(PASSWORD)
        self.page.get_by_label("Password").first.press("Enter")
        self.page.wait_for_url("**/o/acme/**")
        return self

    def looks(self) -> Iterator[int]:
        """Have the page that stands there on a light desk, where it was loaded, and then on a dark phone."""
        yield WIDTHS[0]
        self._looks_at(WIDTHS[1], dark=True)
        yield WIDTHS[1]
        self._looks_at(WIDTHS[0], dark=False)

    def _looks_at(self, width: int, *, dark: bool) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        session_of(self.page).send("Emulation.setTouchEmulationEnabled", {"enabled": width < 500, "maxTouchPoints": 1})

    def shot(self, name: str) -> None:
        """Keep a picture where SHOTS names a folder."""
        if SHOTS:
            self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True, caret="initial")


@pytest.fixture
def visitor(chromium: Any, live_server: Any, stage: Cast) -> Iterator[Callable[..., Visitor]]:
    """Open a window of one's own for each visitor: `visitor(width=390, dark=True, script=False)`."""
    settings.ALLOWED_HOSTS = ["*"]
    contexts, visitors = [], []

    def arrive(*, width: int = 1440, dark: bool = False, script: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            has_touch=width < 500,
        )
        # Long enough for the first page of a process on a machine that has much else to do.
        context.set_default_timeout(90_000)
        contexts.append(context)
        visitors.append(Visitor(context.new_page(), live_server.url))
        return visitors[-1]

    yield arrive
    for context in contexts:
        context.close()
    assert [complaint for each in visitors for complaint in each.complaints] == []
