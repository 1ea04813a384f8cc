"""The pictures of the documentation, taken of the demo at a fixed moment; `make pictures` keeps them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.utils import timezone
from PIL import Image

from config.demo import build_demo
from listening.tasks import index_posts, train_models
from maturity.tasks import assess_due
from measurement.tasks import refresh_rollups
from roles.live import beat_once
from roles.models import Member, Organization
from roles.tenancy import acting_for
from tests.e2e.pictures import PICTURES, Picture

FOLDER = Path(os.environ["PICTURES"]) if "PICTURES" in os.environ else None
# A Wednesday morning at the workshop, when people are at work.
MOMENT = datetime(2026, 11, 18, 9, 40, tzinfo=UTC)
# What lies behind them, so that figures have something to tell.
MONTHS = 3
HEIGHT = {1440: 900, 390: 844}
# In the palette of a picture, and how many of them are not mixed.
COLOURS, EXACT = 64, 24
# All of them together; whoever clones the project takes them along.
MOST_BYTES = 3_000_000


@pytest.fixture
def larkspur(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Organization:
    """The demo organization, made at that moment, which then stands still."""
    monkeypatch.setattr(timezone, "now", lambda: MOMENT)
    settings.VAR_DIR, settings.ALLOWED_HOSTS = tmp_path, ["*"]
    # Beside the event loop of Playwright, which nothing that reads networks goes well with.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(_build).result()
    return Organization.objects.get(slug="larkspur")


def _build() -> None:
    try:
        build_demo(url="http://127.0.0.1", at=MOMENT, months=MONTHS)
        # What workers do meanwhile.
        while index_posts():
            pass
        train_models()
        refresh_rollups()
        assess_due()
        beat_once("poll", at=MOMENT)
    finally:
        connections.close_all()


@pytest.fixture
def taken(chromium: Any, live_server: Any, larkspur: Organization, tmp_path: Path) -> Path:
    """The folder with every picture in it."""
    folder = FOLDER or tmp_path
    folder.mkdir(exist_ok=True)
    for picture in PICTURES:
        (folder / f"{picture.name}.png").write_bytes(small(take(chromium, live_server.url, larkspur, picture)))
    for path in folder.glob("*.png"):
        if path.stem not in {picture.name for picture in PICTURES}:
            path.unlink()
    return folder


def take(chromium: Any, address: str, organization: Organization, picture: Picture) -> bytes:
    """Open the page as that person would, and look at its first screen."""
    context = chromium.new_context(
        viewport={"width": picture.width, "height": HEIGHT[picture.width]},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Amsterdam",
    )
    try:
        with acting_for(organization):
            key = getattr(row := picture.row() if picture.row else "", "pk", row)
            user = Member.objects.get(user__email=f"{picture.who}@larkspur.example").user
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address, "httpOnly": True}])
        page = context.new_page()
        page.set_default_timeout(90_000)
        page.clock.set_fixed_time(MOMENT)
        answer = page.goto(f"{address}/o/larkspur{picture.path.format(key)}", wait_until="networkidle")
        assert answer.status == 200, f"{picture.name}: {answer.status}"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), picture
        shot: bytes = page.screenshot(animations="disabled", caret="hide")
        return shot
    finally:
        context.close()


def small(png: bytes) -> bytes:
    """The same picture with a palette, in a third of the bytes: what there is most of keeps its colour to the digit."""
    pixels = np.asarray(Image.open(BytesIO(png)).convert("RGB"))
    seen, where, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(-counts)
    most, rest = order[:EXACT], order[EXACT:]
    # The rest by what is covered, not by how much of it there is: a small red flag stays red.
    strip = Image.fromarray(seen[rest][np.newaxis])
    mixed = strip.quantize(COLOURS - EXACT, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = np.concatenate([seen[most], np.array(mixed, np.uint8).reshape(-1, 3)])
    nearest = ((seen[:, np.newaxis].astype(int) - palette.astype(int)) ** 2).sum(axis=2).argmin(axis=1)
    picture, kept = Image.fromarray(nearest[where].reshape(pixels.shape[:2]).astype(np.uint8), "P"), BytesIO()
    picture.putpalette(palette.flatten().tolist())
    picture.save(kept, "PNG", optimize=True)
    return kept.getvalue()


@pytest.mark.long
def test_every_picture_can_be_taken(taken: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in taken.glob("*.png")}
    assert set(sizes) == {f"{picture.name}.png" for picture in PICTURES}
    assert min(sizes.values()) > 8_000, "a page with nothing on it"
    assert sum(sizes.values()) < MOST_BYTES
