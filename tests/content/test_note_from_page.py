"""Ideas from anywhere: the button among the bookmarks, questions that keep coming, stories, the huddle."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from django.test import Client

from content.bookmarklet import bookmarklet
from content.models import Idea
from content.recurring import questions_in, recurring_questions
from roles import clock
from tests import factories
from tests.cast import PASSWORD, Cast

HERE = "/o/acme/content/ideas/"
SAID = {"url": "https://example.org/a?b=c&d=ü", "title": "“Brakes” & more <b>", "text": "They wear.\nThey squeal."}


def test_the_button_is_offered_to_drag_and_to_copy(acme: Cast, sign_in: Any) -> None:
    page = sign_in(acme.rosa).get(f"{HERE}share-button/")
    script = page.context["bookmarklet"]
    assert script.startswith("javascript:") and "testserver" in script and " " not in script
    assert page.content.decode().count("javascript:") == 2
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert sign_in(acme.elif_).get(f"{HERE}share-button/").status_code == 403


def test_an_address_cannot_break_out_of_the_button() -> None:
    script = unquote(bookmarklet("https://x.example/'+alert(1)+\"</script>%22"))
    assert '\\"' in script and "</script>" not in script


def test_it_asks_before_it_notes(acme: Cast, sign_in: Any) -> None:
    client = sign_in(acme.rosa)
    page = client.get(f"{HERE}from-page/?{urlencode(SAID)}")
    assert not Idea.objects.exists()
    assert "“Brakes” &amp; more &lt;b&gt;" in page.content.decode() and "They squeal." in page.content.decode()
    fields = {"text": "Why brakes squeal", "quote": SAID["text"], "url": SAID["url"], "page_title": SAID["title"]}
    made = client.post(f"{HERE}from-page/", fields)
    row = Idea.objects.get()
    assert made.headers["Location"] == f"{HERE}{row.pk}/"
    assert (row.url, row.page_title, row.origin) == (SAID["url"], SAID["title"], "page")
    assert client.post(f"{HERE}from-page/", {**fields, "text": " "}).status_code == 422
    client.post(f"{HERE}from-page/", {**fields, "url": "javascript:alert(1)"})
    assert Idea.objects.order_by("-pk")[0].url == ""


def test_nonsense_and_too_much_is_cut(acme: Cast, sign_in: Any) -> None:
    page = sign_in(acme.rosa).get(f"{HERE}from-page/", {"url": "x" * 5000, "title": "y" * 5000, "text": "z" * 5000})
    said = page.context["form"].initial
    assert [len(said[name]) for name in ("url", "text", "page_title", "quote")] == [2000, 300, 300, 2000]
    assert sign_in(acme.rosa).get(f"{HERE}from-page/").status_code == 200


def test_who_is_signed_out_signs_in_and_comes_back_with_everything(acme: Cast, client: Client) -> None:
    led = client.get(f"{HERE}from-page/?{urlencode(SAID)}")
    assert led.status_code == 302
    page = client.get(led.headers["Location"])
    [field] = re.findall(r'<input[^>]*name="next"[^>]*>', page.content.decode())[:1]
    assert field
    there = parse_qs(urlsplit(led.headers["Location"]).query)["next"][0]
    signed_in = client.post("/accounts/login/", {"login": acme.rosa.user.email, "password": PASSWORD, "next": there})
    assert signed_in.status_code == 302
    back = client.get(signed_in.headers["Location"])
    assert back.status_code == 200
    initial = back.context["form"].initial
    assert (initial["url"], initial["text"], initial["quote"]) == (SAID["url"], SAID["title"], SAID["text"])


def test_a_question_that_different_people_ask_keeps_coming(acme: Cast, sign_in: Any) -> None:
    for text in (
        "Hi! How do I adjust the disc brakes? Thanks",
        "how can I adjust my disc brakes?",
        "Lovely bike. How do you adjust disc brakes?",
        "When do you open on Sunday?",
        "Disc brakes are great.",
    ):
        factories.mention(text)
    dismissed = factories.mention("How do I adjust disc brakes?")
    type(dismissed).objects.filter(pk=dismissed.pk).update(state="dismissed")
    factories.mention(post=factories.post("How do we adjust disc brakes?", is_ours=True))
    [found] = recurring_questions(at=clock.now())
    assert (found.times, len(found.people), found.ideas) == (3, 3, [])
    client = sign_in(acme.gita)
    page = client.get(f"{HERE}questions/").content.decode()
    assert "How do you adjust disc brakes?" in page
    client.post(f"{HERE}note/", {"text": found.text, "mention": found.mention, "origin": "question"})
    row = Idea.objects.get()
    assert (row.origin, row.mention_id, row.text) == ("question", found.mention, found.text)
    assert "an idea already" in client.get(f"{HERE}questions/").content.decode()


def test_one_person_who_asks_again_and_again_is_no_crowd(acme: Cast) -> None:
    author = factories.post().author
    for _number in range(5):
        factories.mention(post=factories.post("How do I adjust the disc brakes?", author=author))
    assert recurring_questions(at=clock.now()) == []


def test_questions_are_found_in_every_script() -> None:
    assert questions_in("Hallo. Wie stelle ich die Bremse ein? Danke!") == ["Wie stelle ich die Bremse ein?"]
    assert questions_in("你好。请问如何调整刹车片的位置？谢谢") == ["请问如何调整刹车片的位置？"]
    assert questions_in("What? No. ???") == []


def test_the_questions_ask_no_more_often_where_there_are_many(
    acme: Cast, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for subject in ("brakes and levers", "chains and gears", "saddles and posts"):
        for _number in range(3):
            factories.mention(f"How do I adjust {subject} of mine?")
    client = sign_in(acme.gita)
    client.get(f"{HERE}questions/")
    with django_assert_max_num_queries(14):
        client.get(f"{HERE}questions/")


def test_stories_and_the_huddle_offer_it(acme: Cast, sign_in: Any) -> None:
    from listening.models import Mention, Story

    at = clock.now()
    story = Story.objects.create(headline="Kettles are called back", first_at=at, last_at=at, size=2)
    factories.mention("Kettles!")
    Mention.objects.update(story=story)
    page = sign_in(acme.gita).get(f"/o/acme/stories/{story.pk}/").content.decode()
    assert 'action="/o/acme/content/ideas/note/"' in page
    sign_in(acme.gita).post(f"{HERE}note/", {"story": story.pk})
    assert Idea.objects.get().story == story
