"""The way through the house: what one does every day stands open, the rest folds into rooms, each place in one."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import get_resolver, reverse

from roles.models import Role
from roles.navigation import ENGAGEMENT, EVERY_DAY, HOUSE, ROOMS, Link, Shown, _places
from roles.permissions import CAPABILITIES
from tests.cast import Cast

# What one sees before one opens anything: short enough to be read at a glance.
ROWS_AT_MOST = 14


def view_names() -> set[str]:
    """Every named view, as `app:name`."""
    resolver = get_resolver()
    return {f"{space}:{name}" for space, (_, inner) in resolver.namespace_dict.items() for name in inner.reverse_dict}


def test_every_place_leads_somewhere_and_asks_for_what_there_is() -> None:
    known = view_names()
    for place in _places:
        assert reverse(place.url_name)
        assert place.capability in CAPABILITIES
        assert place.room in ROOMS
        assert set(place.also) <= known, place
    places = [(place.room, place.order) for place in _places]
    assert len(places) == len(set(places)), "two places want the same seat"
    assert len({str(place.label) for place in _places}) == len(_places)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_few_rows_and_every_one_opens(acme: Cast, sign_in: Any, role: Role) -> None:
    client = sign_in(acme.by_role()[role])
    home = client.get("/o/acme/")
    nav = client.get(home.headers["Location"]).context["nav"]
    assert nav[0].links[0].url == home.headers["Location"]
    assert nav[0].room is EVERY_DAY
    assert sum(1 if shown.folds else len(shown.links) for shown in nav) <= ROWS_AT_MOST
    # Who may come in where is asked elsewhere; one of each kind of page is enough here.
    for link in [link for shown in nav for link in shown.links if role == Role.COACH or shown.room is HOUSE]:
        page = client.get(link.url)
        assert page.status_code == 200, link.url
        assert [one.url for shown in page.context["nav"] for one in shown.links if one.current] == [link.url]


def test_work_begins_where_it_is_done(acme: Cast, sign_in: Any) -> None:
    begins = {
        acme.gita: "stream", acme.carla: "stream", acme.rosa: "queue", acme.elif_: "measure", acme.bodo: "questions",
    }  # fmt: skip
    for member, path in begins.items():
        assert sign_in(member).get("/o/acme/").headers["Location"] == f"/o/acme/{path}/"


def test_the_room_of_the_page_stands_open_and_no_other(acme: Cast, sign_in: Any) -> None:
    for path, title in (("assignment-policy/", "Engagement set-up"), ("topics/", "Listening set-up")):
        shown = sign_in(acme.carla).get(f"/o/acme/{path}").content.decode()
        sidebar = shown[shown.index('<header class="sidebar">') : shown.index('<main class="shell__main"')]
        opened = sidebar[sidebar.index(" open>") :]
        assert sidebar.count(" open>") == 1
        assert title in opened[: opened.index("</summary>")]


@pytest.mark.parametrize(
    ("counts", "said"),
    [(["", ""], ""), (["2", "3"], "5"), (["99+", "3"], "102+"), (["4", "!"], "!"), (["", "7"], "7")],
)
def test_a_room_says_what_waits_behind_its_title(counts: list[str], said: str) -> None:
    links = [Link("/", "Place", "inbox", current=False, count=count) for count in counts]
    assert Shown(ENGAGEMENT, links).count == said
