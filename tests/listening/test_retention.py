"""What is kept how long, and how it goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from listening import retention
from listening.actions.retention import set_retention
from listening.ingest import ingest
from listening.models import Author, Mention, MentionMatch, Post, RetentionRule, Revision, Tombstone
from listening.networks.protocols import Page, RemoteAuthor, RemotePost
from listening.retention import clean_up, due, retention_rules
from measurement.actions import recompute_rollups
from measurement.models import HourlyMentions
from measurement.windows import Window
from roles import clock
from roles.models import AuditEntry
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast

Kind = RetentionRule.Kind
YEAR = timedelta(days=366)


def keep(acme: Cast, kind: str, days: int | None) -> None:
    set_retention(acme.organization, kind=kind, days=days, by=acme.olga, at=clock.now())


def test_posts_that_concerned_nobody_go_and_do_not_return(acme: Cast) -> None:
    at, source = clock.now(), factories.source(network="practice")
    said = RemotePost(id="1", text="nothing of ours", author=RemoteAuthor(id="7", handle="someone"))
    ingest(source, Page(posts=(said,)), at=at - YEAR)
    young = factories.post("nothing either", at=at)
    ours = factories.post("we said", at=at - YEAR, is_ours=True)
    assert due(retention_rules()[0], at=at).count == 1
    assert clean_up(at=at) == 1
    assert set(Post.objects.all()) == {young, ours}
    assert Tombstone.objects.get().reason == retention.CLEANED_UP
    assert not Author.objects.filter(remote_id="7").exists()
    assert ingest(source, Page(posts=(said,)), at=at).new == 0
    assert set(Post.objects.all()) == {young, ours}
    entry = AuditEntry.objects.get(verb="clean_up")
    assert (entry.by, entry.after) == (None, {"posts": 1, "older_than_days": 90})


def test_what_is_read_with_a_mention_stays_with_it(acme: Cast) -> None:
    at = clock.now()
    question = factories.mention(at=at - YEAR, post=factories.post(at=at - YEAR, conversation="talk"))
    beside = factories.post("me too", at=at - YEAR, conversation="talk")
    factories.post("elsewhere", at=at - YEAR, conversation="another")
    assert clean_up(at=at) == 1
    assert set(Post.objects.all()) == {question.post, beside}
    keep(acme, Kind.MENTIONS, 30)
    assert clean_up(at=at) == 1  # the mention falls silent
    RetentionRule.objects.update(next_walk_at=None)
    assert clean_up(at=at) == 1  # and now nothing holds what stood beside it
    assert set(Post.objects.all()) == {question.post}


def test_conversations_are_asked_for_by_their_index(acme: Cast) -> None:
    at = clock.now()
    Post.objects.bulk_create(
        Post(
            network="practice", remote_id=f"x{n}", conversation=f"talk {n}", content_digest=f"{n:064d}", captured_at=at,
            organization=acme.organization,
        )
        for n in range(4_000)
    )  # fmt: skip
    posts = list(Post.objects.values_list("pk", flat=True))
    Mention.objects.bulk_create(
        Mention(organization=acme.organization, post_id=key, network="practice", captured_at=at) for key in posts
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE listening_post, listening_mention")
        # As where there are too many mentions to be held in memory.
        cursor.execute("SET LOCAL work_mem = '64kB'")
    plan = retention._candidates(Kind.UNMATCHED, Post.objects.filter(pk__in=posts[:50])).explain()
    assert "post_conversation" in plan, plan


def test_a_mention_falls_silent_and_still_counts(acme: Cast) -> None:
    at = clock.now()
    post = factories.post("Acme is a scam, says Jo", at=at - YEAR, title="Scam", url="https://example.org/jo")
    mention = factories.mention(post=post, at=at - YEAR, state="dismissed")
    query = factories.query()
    MentionMatch.objects.create(mention=mention, query=query, spans=[["text", 0, 4]])
    Revision.objects.create(post=post, number=1, text="Acme is a fraud", seen_at=at - YEAR)
    author = post.author
    zone = acme.organization.zone
    window = Window((at - YEAR).astimezone(zone).date(), (at - YEAR).astimezone(zone).date(), zone)
    recompute_rollups(window, at=at)
    counted = list(HourlyMentions.objects.order_by("query_id").values_list("query_id", "captured"))
    assert clean_up(at=at) == 1
    post.refresh_from_db()
    assert (post.title, post.text, post.url, post.author, post.cleaned_at) == ("", "", "", None, at)
    assert not Revision.objects.exists() and not Author.objects.filter(pk=author.pk).exists()
    assert MentionMatch.objects.get().spans == []
    recompute_rollups(window, at=at)
    assert list(HourlyMentions.objects.order_by("query_id").values_list("query_id", "captured")) == counted
    assert clean_up(at=at + timedelta(days=2)) == 0


def test_an_edit_brings_no_words_back(acme: Cast) -> None:
    at, source = clock.now(), factories.source(network="practice")
    factories.query("acme")
    said = RemotePost(id="1", text="Acme is down", author=RemoteAuthor(id="7", handle="jo"))
    ingest(source, Page(posts=(said,)), at=at - YEAR)
    keep(acme, Kind.MENTIONS, 30)
    assert clean_up(at=at) == 1
    edited = RemotePost(id="1", text="Acme is up again", author=RemoteAuthor(id="7", handle="jo"))
    assert ingest(source, Page(posts=(edited,)), at=at).revised == 0
    assert Post.objects.get().text == ""


def test_what_somebody_works_on_keeps_its_words(acme: Cast) -> None:
    at = clock.now()
    keep(acme, Kind.MENTIONS, 30)
    held = factories.assignment(department=acme.care, at=at - YEAR)
    assert clean_up(at=at) == 0
    held.state, held.resolved_at = "resolved", at
    held.save()
    assert clean_up(at=at + timedelta(days=1, seconds=1)) == 1
    assert Post.objects.get().text == ""


def test_for_ever_is_for_ever(acme: Cast) -> None:
    at = clock.now()
    factories.mention(at=at - timedelta(days=9_000))
    keep(acme, Kind.UNMATCHED, None)
    factories.post(at=at - timedelta(days=9_000))
    assert clean_up(at=at) == 0


def test_the_walk_goes_on_where_it_stopped(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    at = clock.now()
    monkeypatch.setattr(retention, "WINDOW", 3)
    for _turn in range(8):
        factories.post(at=at - YEAR)
    young = factories.post(at=at)
    assert [clean_up(at=at, windows=1) for _turn in range(4)] == [3, 3, 2, 0]
    assert list(Post.objects.all()) == [young]
    assert RetentionRule.objects.get(kind=Kind.UNMATCHED).cleaned_count == 8


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_nothing_twice(acme: Cast) -> None:
    at = clock.now()
    for _turn in range(40):
        factories.post(at=at - YEAR)

    def work(_turn: int) -> int:
        try:
            with acting_for(acme.organization):
                return clean_up(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(work, range(4)))
    assert sum(taken) == 40
    assert not Post.objects.exists() and Tombstone.objects.count() == 40
    assert RetentionRule.objects.get(kind=Kind.UNMATCHED).cleaned_count == 40


def test_another_organization_keeps_what_is_its_own(acme: Cast) -> None:
    at = clock.now()
    with acting_for(acme.elsewhere):
        factories.post(at=at - YEAR)
    assert clean_up(at=at) == 0
    with acting_for(acme.elsewhere):
        assert Post.objects.count() == 1


def test_only_the_owner_says_how_long(acme: Cast) -> None:
    at = clock.now()
    with pytest.raises(PermissionDenied):
        set_retention(acme.organization, kind=Kind.UNMATCHED, days=30, by=acme.carla, at=at)
    for kind, days in ((Kind.UNMATCHED, 6), (Kind.UNMATCHED, 40_000), ("words", 30)):
        with pytest.raises(ValidationError):
            set_retention(acme.organization, kind=kind, days=days, by=acme.olga, at=at)
    keep(acme, Kind.UNMATCHED, 30)
    keep(acme, Kind.UNMATCHED, 30)
    entry = AuditEntry.objects.get(verb="set_retention")
    assert (entry.before, entry.after) == ({"days": 90}, {"days": 30})


def test_the_page_and_the_api(acme: Cast, client: Client) -> None:
    factories.mention()
    client.force_login(acme.olga.user)
    shown = client.get("/o/acme/retention/").content.decode()
    assert "Posts that concerned nobody" in shown and "for ever" in shown
    assert client.post("/o/acme/retention/dismissed/", {"dismissed-days": "3"}).status_code == 422
    assert client.post("/o/acme/retention/dismissed/", {"dismissed-days": "60"}).status_code == 302
    headers = {"Authorization": f"Token {acme.token(acme.olga)}"}
    answer = client.get("/api/v1/retention-rules/", headers=headers).json()
    kept = {"unmatched": 90, "dismissed": 60, "mentions": None, "mails": 90, "webhooks": 30}
    assert {row["kind"]: row["days"] for row in answer} == kept
    changed = client.patch(
        "/api/v1/retention-rules/mentions/", {"days": 400}, content_type="application/json", headers=headers
    )
    assert (changed.status_code, changed.json()["days"]) == (200, 400)
    wrong = client.patch(
        "/api/v1/retention-rules/mentions/", {"days": 1}, content_type="application/json", headers=headers
    )
    assert wrong.status_code == 400
    client.force_login(acme.carla.user)
    assert client.get("/o/acme/retention/").status_code == 200
    assert client.post("/o/acme/retention/dismissed/", {"dismissed-days": ""}).status_code == 403
    assert Mention.objects.count() == 1
