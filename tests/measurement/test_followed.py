"""Links that people followed: from what we published, from replies, and made by hand; each figure opens them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.models import Campaign, LinkHour, PublicationResult, TrackedLink
from content.tracking import link_of, short_address
from engagement.models import Reply
from listening.models import PracticeAccount
from measurement.exploring import parts
from measurement.followed import clicks_of_replies
from measurement.measuring import values_of
from measurement.models import ReplyLink
from measurement.opening import rows_url
from measurement.selecting import Selection
from measurement.windows import Window
from roles import clock
from roles.models import Department
from tests import factories
from tests.cast import Cast

ASKED = {"link_clicks", "reply_clicks"}


@pytest.fixture
def days() -> Selection:
    return Selection(Window.up_to(clock.now(), days=3, zone=ZoneInfo("UTC")))


def made(name: str, **fields: Any) -> TrackedLink:
    return link_of(f"https://example.org/{name}", "https://example.org/", name=name, by=None, at=clock.now(), **fields)


def follow(link: TrackedLink, clicks: int, *, hours_ago: float = 1, is_bot: bool = False) -> None:
    hour = (clock.now() - timedelta(hours=hours_ago)).replace(minute=0, second=0, microsecond=0)
    LinkHour.objects.create(link=link, hour=hour, is_bot=is_bot, clicks=clicks)


def replied(text: str, department: Department, by: Any, *, hours_ago: float = 5, **fields: Any) -> Reply:
    at = clock.now() - timedelta(hours=hours_ago)
    post = factories.post(at=at, network="feed")
    about = factories.assignment(department=department, mention=factories.mention(at=at, post=post), at=at)
    said = {"state": "accepted", "key": text[:60], **fields}
    return Reply.objects.create(
        assignment=about, post=post, channel=factories.channel(), by=by, text=text, written_at=at, next_attempt_at=at,
        **said,
    )  # fmt: skip


@pytest.fixture
def spring(acme: Cast) -> Campaign:
    """One link in a piece of spring, one made by hand for it, one in a reply of the care desk and of the press."""
    at = clock.now()
    spring = Campaign.objects.create(name="Spring", begins_on=at.date(), ends_on=at.date(), created_at=at)
    account = PracticeAccount.objects.create(handle="x", name="X", is_ours=True)
    mastodon = factories.channel(network="mastodon", account_id=str(account.pk))
    row = factories.publication(
        factories.variant(factories.piece(campaign=spring, department=acme.press), channel=mastodon),
        state="accepted", accepted_at=at - timedelta(hours=2), due_at=at, remote_id="p",
    )  # fmt: skip
    PublicationResult.objects.create(publication=row, likes=3, fetched_at=at - timedelta(hours=2))
    follow(made("in-piece", publication=row), 5)
    follow(made("by-hand", campaign=spring), 7)
    help_page = made("help")
    for clicks, hours_ago, is_bot in ((2, 1, False), (11, 30, False), (90, 2, True)):
        follow(help_page, clicks, hours_ago=hours_ago, is_bot=is_bot)
    text = f"Look here: {short_address(help_page.key)}."
    replied(text, acme.care, acme.rosa)
    replied(f"{text} It helps.", acme.press, acme.rosa, hours_ago=4)
    replied(f"{text} Or not.", acme.press, acme.rosa, state="refused", hours_ago=40)
    return spring


def test_clicks_are_told_of_all_of_a_campaign_and_of_replies(spring: Campaign, acme: Cast, days: Selection) -> None:
    # In replies the eleven were before anything was sent, and each click counts once though the link stands in two.
    assert values_of(days, at=clock.now(), only=ASKED) == {"link_clicks": 5 + 7 + 2 + 11, "reply_clicks": 2}
    of_spring = Selection(days.window, campaign=spring.pk)
    assert values_of(of_spring, at=clock.now(), only=ASKED) == {"link_clicks": 5 + 7}
    found = parts("link_clicks", "campaign", days, days.on(days.window.before()), at=clock.now())
    assert [(part.label, part.now) for part in found] == [("Spring", 12)], "the split says what the campaign says"
    for where, clicks in ((acme.care, (None, 2)), (acme.press, (5, 2))):
        own = values_of(Selection(days.window, department=where.pk), at=clock.now(), only=ASKED)
        assert (own["link_clicks"], own["reply_clicks"]) == clicks
    practice = values_of(Selection(days.window, "practice"), at=clock.now(), only=ASKED)
    assert practice == {"link_clicks": None, "reply_clicks": None}


def test_each_reply_says_how_often_its_links_were_followed(spring: Campaign, acme: Cast, sign_in: Any) -> None:
    plain = replied("No link, or /l/nonsense", acme.care, acme.rosa)
    found = clicks_of_replies(Reply.objects.values_list("pk", flat=True))
    assert plain.pk not in found and list(found.values()) == [2, 2], "what was refused has no readers"
    page = sign_in(acme.elif_).get("/o/acme/measure/replies/?days=3").content.decode()
    assert page.count("links in it followed 2 times") == 2
    file = sign_in(acme.elif_).get("/o/acme/measure/replies/?as=csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(file)))
    assert sorted(line["Links followed"] for line in lines) == ["", "", "2", "2"]


def test_the_database_notes_which_links_stand_in_a_text(acme: Cast) -> None:
    one, other = made("one"), made("other")
    text = f"{short_address(one.key)} and {short_address(one.key)} and /l/{'x' * 10}"
    row = replied(text, acme.care, acme.rosa)
    assert [noted.link for noted in ReplyLink.objects.all()] == [one]
    Reply.objects.filter(pk=row.pk).update(text=f"rather {short_address(other.key)}")
    assert [noted.link for noted in ReplyLink.objects.all()] == [other]
    Reply.objects.filter(pk=row.pk).update(text="")
    assert [noted.link for noted in ReplyLink.objects.all()] == [other], "words go and figures stay"


def test_links_open_as_rows_for_whoever_reads_figures(
    spring: Campaign, acme: Cast, sign_in: Any, days: Selection
) -> None:
    olga = sign_in(acme.olga)
    answer = olga.get(f"/o/acme{rows_url('link_clicks', days)}")
    page = answer.content.decode()
    assert [(str(row), row.people) for row in answer.context["rows"]] == [("help", 13), ("by-hand", 7), ("in-piece", 5)]
    assert 'data-total="3"' in page and "25 clicks" in page and "/content/links/" not in page, (
        "no way where one may not"
    )
    of_spring, on_mastodon = Selection(days.window, campaign=spring.pk), Selection(days.window, network="mastodon")
    for selection, key, names in (
        (days, "reply_clicks", ["help"]), (of_spring, "link_clicks", ["by-hand", "in-piece"]),
        (on_mastodon, "link_clicks", ["in-piece"]),
    ):  # fmt: skip
        rows = olga.get(f"/o/acme{rows_url(key, selection)}").context["rows"]
        assert [str(row) for row in rows] == names
    older = olga.get(f"/o/acme{rows_url('link_clicks', days)}&before=7,{answer.context['rows'][1].pk}")
    assert [str(row) for row in older.context["rows"]] == ["in-piece"]
    for nonsense in ("2026-01-01T00:00:00Z,1", "seven,1", "7,"):
        assert olga.get("/o/acme/measure/links/", {"before": nonsense}).status_code == 200
    file = olga.get(f"/o/acme{rows_url('link_clicks', days)}&as=csv").content.decode("utf-8-sig")
    assert [line["Clicks"] for line in csv.DictReader(io.StringIO(file))] == ["13", "7", "5"]
    assert sign_in(acme.rosa).get("/o/acme/measure/links/").status_code == 403
    assert olga.get("/o/acme/measure/links/?days=1&from=2020-01-01&to=2020-01-02").context["rows"] == []


def test_publications_say_who_followed_their_links_and_how_old_the_rest_is(
    spring: Campaign, acme: Cast, sign_in: Any, days: Selection
) -> None:
    client = sign_in(acme.elif_)
    page = client.get(f"/o/acme{rows_url('publications', days)}").content.decode()
    assert "3 likes" in page and "links followed: 5 by people, 0 by programs" in page and "looked at" in page
    file = client.get(f"/o/acme{rows_url('publications', days)}&as=csv").content.decode("utf-8-sig")
    [line] = csv.DictReader(io.StringIO(file))
    assert (line["Likes"], line["Links followed"], line["Answers"]) == ("3", "5", "") and line["Looked at"]
    depth = client.get("/o/acme/measure/explore/?by=campaign&metric=publication_likes").content.decode()
    assert "its oldest part was looked at 2 h ago" in depth
    assert "oldest part" not in client.get("/o/acme/measure/explore/?by=campaign&metric=publications").content.decode()


def test_what_was_published_is_split_by_the_step_that_it_serves(acme: Cast, sign_in: Any, days: Selection) -> None:
    at = clock.now()
    mastodon = factories.channel(network="mastodon")
    for number, step in enumerate(("provide_value", "provide_value", "promote")):
        factories.publication(
            factories.variant(factories.piece(step=step), channel=mastodon), state="accepted", accepted_at=at,
            due_at=at, remote_id=f"p{number}",
        )  # fmt: skip
    asked = "/o/acme/measure/explore/?by=step&metric=publications&days=7"
    page = sign_in(acme.elif_).get(asked)
    assert [(part.label, part.now) for part in page.context["parts"]] == [("Provide value", 2), ("Promote", 1)]
    rows = sign_in(acme.elif_).get(page.context["parts"][1].url)
    assert 'data-total="1"' in rows.content.decode() and "Promote" in rows.content.decode()
    assert "self_promotion" not in dict(page.context["metrics"]), "of one step it would be all or nothing"


def test_an_owner_who_may_not_write_opens_reviews_and_weeks_too(acme: Cast, sign_in: Any) -> None:
    olga = sign_in(acme.olga)
    assert not any(position.carries("content.read") for position in acme.olga.held_positions)
    for where in ("links", "reviews", "weeks"):
        assert olga.get(f"/o/acme/measure/{where}/").status_code == 200
    wide = olga.get("/o/acme/measure/weeks/?from=2021-01-01&to=2022-06-01")
    assert wide.status_code == 400 and "At most 366 days" in wide.content.decode()


def test_links_of_somebody_else_are_no_rows_of_ours(spring: Campaign, acme: Cast, sign_in: Any) -> None:
    answer = sign_in(acme.sam).get(f"/o/{acme.elsewhere.slug}/measure/links/")
    assert answer.context["rows"] == []


def test_lists_ask_as_much_for_many_links_as_for_few(spring: Campaign, acme: Cast, sign_in: Any) -> None:
    client, counts = sign_in(acme.elif_), []
    addresses = [f"/o/acme/measure/{where}/" for where in ("links", "replies", "publications")]
    for number in (1, 8):
        for one in range(number):
            link = made(f"n{number}{one}")
            follow(link, 1)
            replied(f"See {short_address(link.key)}", acme.care, acme.rosa, key=f"{number}-{one}")
        asked = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]
