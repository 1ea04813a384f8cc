"""Guidelines: versions that never change, read as a document, beside the conversations on which they bear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from maturity.actions.guidelines import (
    add_guideline,
    change_guideline,
    move_guideline,
    retire_guideline,
    take_up_guideline,
)
from maturity.models import GuidelineSection, GuidelineVersion
from roles import clock
from roles.markdown import markdown
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast

TEXT = "Be **kind**.\n\n- short\n- honest"


@pytest.fixture
def doing(acme: Cast) -> dict[str, Any]:
    return {"by": acme.carla, "at": clock.now()}


def test_other_words_are_another_version_and_what_was_said_stays(acme: Cast, doing: Any) -> None:
    section = add_guideline(acme.organization, title="Tone", text=TEXT, **doing)
    change_guideline(section, title="Tone", text="Be kind and brief.", version=1, **doing)
    change_guideline(section, title="Tone", text="Be kind and brief.", **doing)
    section.refresh_from_db()
    said = list(section.versions.values_list("number", "text"))
    assert (section.version, said) == (2, [(2, "Be kind and brief."), (1, TEXT)])
    assert list(AuditEntry.objects.values_list("verb", flat=True).order_by("pk")) == [
        "add_guideline",
        "change_guideline",
    ]
    with pytest.raises(ValidationError):
        change_guideline(section, title="Tone", text="Mine", version=1, **doing)


def test_topics_change_without_a_new_version(acme: Cast, doing: Any) -> None:
    bills = factories.topic("Bills")
    section = add_guideline(acme.organization, title="Tone", text=TEXT, **doing)
    change_guideline(section, title="Tone", text=TEXT, topics=[bills], **doing)
    section.refresh_from_db()
    assert section.version == 1 and [link.topic for link in section.topics.all()] == [bills]


def test_it_is_written_by_coaches_and_read_by_all(acme: Cast, doing: Any, sign_in: Any) -> None:
    section = add_guideline(acme.organization, title="Tone", text=TEXT, **doing)
    with pytest.raises(PermissionDenied):
        change_guideline(section, title="Tone", text="Mine", by=acme.rosa, at=clock.now())
    page = sign_in(acme.bodo).get("/o/acme/guidelines/").content.decode()
    assert "<strong>kind</strong>" in page and "Write a guideline" not in page
    assert sign_in(acme.sam).get("/o/acme/guidelines/").status_code == 404


@pytest.mark.parametrize(
    ("title", "text", "wrong"), [("", TEXT, "title"), ("Tone", " ", "text"), ("Tone", "x" * 20_001, "text")]
)
def test_what_says_nothing_is_refused(acme: Cast, doing: Any, title: str, text: str, wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        add_guideline(acme.organization, title=title, text=text, **doing)
    assert set(refused.value.error_dict) == {wrong}


def test_order_and_retiring(acme: Cast, doing: Any) -> None:
    one, two = (add_guideline(acme.organization, title=title, text=TEXT, **doing) for title in ("One", "Two"))
    move_guideline(two, up=True, **doing)
    assert [row.title for row in GuidelineVersion.objects.current()] == ["Two", "One"]
    retire_guideline(two, **doing)
    assert [row.title for row in GuidelineVersion.objects.current()] == ["One"]
    add_guideline(acme.organization, title="Two", text="Another", **doing)
    with pytest.raises(ValidationError):
        take_up_guideline(two, **doing)
    retire_guideline(one, **doing)
    take_up_guideline(one, **doing)
    assert {row.title for row in GuidelineVersion.objects.current()} == {"One", "Two"}


def test_those_of_the_topic_stand_first_beside_the_composer(acme: Cast, doing: Any, sign_in: Any) -> None:
    bills, cats = factories.topic("Bills"), factories.topic("Cats")
    add_guideline(acme.organization, title="For all", text=TEXT, **doing)
    add_guideline(acme.organization, title="On bills", text="Never a sum.", topics=[bills], **doing)
    add_guideline(acme.organization, title="On cats", text="Praise them.", topics=[cats], **doing)
    mention = factories.mention(topic=bills, department=acme.care, state="routed")
    row = factories.assignment(department=acme.care, member=acme.rosa, mention=mention)
    page = sign_in(acme.rosa).get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert page.index("On bills") < page.index("For all") and "On cats" not in page
    assert page.index("This author before") < page.index("On bills") < page.index("Saved replies</h3>")


def test_pages_and_api(acme: Cast, sign_in: Any, api: Any) -> None:
    carla = sign_in(acme.carla)
    bills = factories.topic("Bills")
    said = {"title": "Tone", "text": "Be kind.\r\nBe short.", "topics": [bills.pk]}
    assert carla.post("/o/acme/guidelines/add/", said).status_code == 302
    section = GuidelineSection.objects.get()
    here = f"/o/acme/guidelines/{section.pk}/"
    assert carla.post(f"{here}change/", {**said, "text": "Be kind.", "version": "1"}).status_code == 302
    assert carla.post(f"{here}change/", {**said, "text": "Other", "version": "1"}).status_code == 422
    assert "Be short." in carla.get(here).content.decode()
    client = api(acme.carla)
    shown = client.get(f"/api/v1/guidelines/{section.pk}/").json()
    assert (shown["text"], shown["version"], shown["topics"]) == ("Be kind.", 2, [bills.pk])
    made = client.post("/api/v1/guidelines/", {"title": "Two", "text": "Ask."}).json()
    assert client.put(f"/api/v1/guidelines/{made['id']}/", {"title": "Two", "text": "Ask!"}).json()["version"] == 2
    assert len(client.get(f"/api/v1/guidelines/{made['id']}/versions/").json()) == 2
    move = f"/api/v1/guidelines/{made['id']}/move/"
    assert client.post(move, {"up": True}).json()["position"] == 1
    assert [row["title"] for row in client.get("/api/v1/guidelines/").json()["results"]] == ["Two", "Tone"]
    assert client.post(move, {"up": True}).json()["position"] == 1, "it is the first"
    assert api(acme.rosa).post(move, {"up": True}).status_code == 403
    assert client.post(f"/api/v1/guidelines/{made['id']}/retire/").json()["retired_at"]
    assert client.post(move, {"up": False}).status_code == 400
    assert api(acme.rosa).post("/api/v1/guidelines/", {"title": "Mine", "text": "No."}).status_code == 403


@pytest.mark.parametrize("path", ["", "1/"])
def test_the_page_costs_the_same_for_one_and_for_twenty(acme: Cast, doing: Any, sign_in: Any, path: str) -> None:
    client, counts = sign_in(acme.carla), []
    for number in (1, 19):
        for one in range(number):
            add_guideline(acme.organization, title=f"{number} {one}", text=TEXT, topics=[factories.topic()], **doing)
        address = "/o/acme/guidelines/" + (f"{GuidelineSection.objects.first().pk}/" if path else "")
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "text",
    [
        '<script>alert("x")</script>', "[x](javascript:alert(1))", '<img src=x onerror="alert(1)">',
        "![](https://elsewhere.example/a.png)", "<https://a.example/'onmouseover=alert(1)>", "[x](data:text/html,a)",
        "&lt;script&gt;", '[x](https://a.example "\\" onclick=\\"alert(1)")',
    ],
)  # fmt: skip
def test_hostile_markdown_is_harmless(text: str) -> None:
    shown = str(markdown(text)).lower()
    assert "<script" not in shown and "<img" not in shown
    assert 'href="javascript:' not in shown and 'href="data:' not in shown and '" onclick' not in shown


@given(st.text(max_size=300))
def test_whatever_is_written_can_be_shown(text: str) -> None:
    shown = str(markdown(text))
    assert "<script" not in shown.lower() and "<img" not in shown.lower()


def test_headings_stand_below_those_of_the_page_and_leave_no_rank_out() -> None:
    assert str(markdown("# One\n\n##### Five")) == "<h3>One</h3>\n<h4>Five</h4>\n"
    assert str(markdown("### One\n\n# Two")) == "<h3>One</h3>\n<h3>Two</h3>\n"


def test_written_at_is_when_it_was_written(acme: Cast) -> None:
    at = clock.now() - timedelta(days=3)
    add_guideline(acme.organization, title="Tone", text=TEXT, by=acme.carla, at=at)
    assert GuidelineVersion.objects.get().written_at == at
