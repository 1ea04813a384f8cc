"""Media at a real browser: uploaded in parts over a line that breaks off, attached and described by keyboard."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from content import renditions
from content.actions.links import make_link
from content.link_querysets import count_click
from content.models import Media
from roles import clock
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.e2e.axe import check_with_axe
from tests.e2e.conftest import Visitor

Visit = Callable[..., Visitor]


def noisy(path: Path) -> Path:
    """A picture of some megabytes, so that it goes in several parts."""
    Image.effect_noise((1800, 1500), 90).convert("RGB").save(path, "PNG")
    assert path.stat().st_size > 4_000_000
    return path


def test_a_picture_goes_on_where_the_line_broke_off_and_out_with_a_variant(
    visitor: Visit, stage: Cast, tmp_path: Path
) -> None:
    with acting_for(stage.organization):
        variant = factories.variant()
        for number in range(5):
            factories.media(name=f"picture {number}.png", alt="A dot." if number else "")
        link = make_link(
            stage.organization, address="https://example.org/", name="Flyer", by=stage.rosa, at=clock.now()
        )
        count_click(
            organization_id=stage.organization.pk, link_id=link.pk, at=clock.now(), is_bot=False, network="bluesky"
        )
    rosa: Any = visitor().signs_in(stage.rosa)
    page, broken = rosa.page, []

    def break_off(route: Any) -> None:
        if route.request.method == "PATCH" and len(broken) < 2:
            broken.append(route.request.headers["upload-offset"])
            if len(broken) == 2:
                return route.abort()
        return route.continue_()

    page.route("**/content/media/uploads/**", break_off)
    rosa.goes_to(f"/content/variants/{variant.pk}/media/")
    page.get_by_text("Upload", exact=True).first.press("Enter")
    page.get_by_label("Files").set_input_files(noisy(tmp_path / "räder.png"))
    page.locator("form[data-upload] textarea").fill("Noise, grey on grey.")
    rosa.shot("media_choose")
    page.get_by_role("button", name="Upload and attach").press("Enter")
    page.wait_for_url(lambda address: "/media/" not in address)
    rosa.complaints = [one for one in rosa.complaints if "ERR_FAILED" not in one]
    assert broken == ["0", "2000000"]
    rosa.shot("media_piece")
    with acting_for(stage.organization):
        kept = Media.objects.get(name="räder.png")
        assert (kept.alt, kept.width) == ("Noise, grey on grey.", 1800)
        assert variant.media_rows.get().media == kept
        renditions.make_due(now=clock.now)
    drops_several(rosa, tmp_path)
    seen: Any = visitor().signs_in(stage.rosa)
    for name, path in (
        ("library", "/content/media/"), ("one", f"/content/media/{kept.pk}/"),
        ("choose", f"/content/variants/{variant.pk}/media/"), ("links", "/content/links/"),
        ("link", f"/content/links/{link.pk}/"),
    ):  # fmt: skip
        seen.goes_to(path)
        for width in seen.looks():
            seen.page.wait_for_load_state("networkidle")
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            assert check_with_axe(seen.page) == [], (path, width)
            seen.shot(f"media_{name}_{width}")


# What a person drops can only be made in the page itself.
DROP = """([png, odd]) => {
    const files = new DataTransfer();
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    files.items.add(new File([bytes], "dropped.png"));
    files.items.add(new File([odd], "odd.txt"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
}"""


def drops_several(rosa: Any, tmp_path: Path) -> None:
    """Two files are dropped on the library; what is no picture is said beside its name and keeps the other not back."""
    page = rosa.page
    rosa.goes_to("/content/media/")
    Image.new("RGB", (50, 40), "green").save(tmp_path / "dropped.png")
    page.evaluate(DROP, [b64encode((tmp_path / "dropped.png").read_bytes()).decode(), "no picture"])
    assert page.get_by_label("Files").evaluate("field => field === document.activeElement && field.files.length") == 2
    assert page.locator("form[data-upload] textarea").is_hidden()
    page.get_by_role("button", name="Upload", exact=True).press("Enter")
    page.get_by_text("By its content this is not a picture").first.wait_for()
    lines = page.locator("[data-upload-list] li")
    assert "dropped.png" in lines.nth(0).inner_text() and "Arrived" in lines.nth(0).inner_text()
    rosa.shot("media_several")
    rosa.complaints = [one for one in rosa.complaints if "422" not in one]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("dropped.png").first.wait_for()
    assert page.get_by_text("odd.txt").count() == 0
