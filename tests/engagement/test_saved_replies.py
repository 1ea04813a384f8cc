"""Saved replies: gaps of a small grammar, versions, suggestions, use and outcome, and a word when it is too often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as for_all
from hypothesis import strategies as st

from engagement.actions.replies import reply
from engagement.actions.saved_replies import (
    add_saved_reply,
    change_saved_reply,
    propose_saved_reply,
    retire_saved_reply,
    set_repetition,
    take_up_saved_reply,
    use_saved_reply,
)
from engagement.models import Draft, Reply, SavedReply
from engagement.outcome_figures import outcomes_of
from engagement.refusals import Repeated, Stale
from engagement.repeating import sameness_of
from engagement.saying import learn_from_uses, suggestions
from engagement.tasks import learn_saved_replies
from engagement.variables import VARIABLES, TemplateError, fill, parse
from listening.models import Author
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.engagement.doubles import Town
from tests.engagement.writing import Time, deliver

HELLO = "Hi {author|there}, a spare part leaves today. {me}"


@pytest.fixture
def save(acme: Cast, now: Time) -> Callable[..., SavedReply]:
    """Write a saved reply, as Carla."""

    def write(title: str = "Part", text: str = HELLO, **fields: Any) -> SavedReply:
        return add_saved_reply(acme.organization, title=title, text=text, by=acme.carla, at=now(), **fields)

    return write


def by(name: str) -> Author:
    return Author.objects.create(network="town", remote_id=name, handle=name.lower(), name=name)


@pytest.fixture
def about(acme: Cast, now: Time, town: Town) -> Callable[..., Any]:
    """An assignment of Rosa's about a post in the town."""

    def make(text: str = "Is Acme down?", *, author: Author | None = None, **fields: Any) -> Any:
        post = factories.post(text, network="town", author=author or by(f"Kim{Author.objects.count()}"))
        mention = factories.mention(post=post, department=acme.care, **fields)
        row = factories.assignment(
            department=acme.care, member=acme.rosa, state="claimed", claimed_at=now(), mention=mention
        )
        return type(row).objects.with_mentions().get(pk=row.pk)

    factories.channel(network="town")
    return make


@pytest.mark.parametrize(
    ("text", "values", "filled", "missing"),
    [
        ("Hi {author}!", {"author": "Kim"}, "Hi Kim!", ()),
        ("Hi {author|there}!", {}, "Hi there!", ()),
        ("Hi {author}, thanks.", {}, "Hi, thanks.", ("author",)),
        ("{ author } {me}", {"author": "{me}", "me": "Rosa"}, "{me} Rosa", ()),
        ("{{braces}} stay", {}, "{braces} stay", ()),
        ("See {link} now", {}, "See now", ("link",)),
        ("{author}", {"author": "a\nb\x00  c"}, "a b c", ()),
    ],
)
def test_gaps_are_filled_once(text: str, values: dict[str, str], filled: str, missing: tuple[str, ...]) -> None:
    found = fill(text, values)
    assert (found.text, found.missing) == (filled, missing)


@pytest.mark.parametrize(
    ("text", "says", "position"),
    [
        ("Hi {aauthor}!", "Did you mean {author}?", 3),
        ("Hi {author.user.password}", "There is no {author.user.password}", 3),
        ("Hi {}", "There is nothing between", 3),
        ("Hi {author", "never closed", 3),
        ("Hi {author {me}", "never closed", 3),
        ("Hi author}", "closes nothing", 9),
        ("{0}", "Choose from: {author}", 0),
        ("{author!r}", "There is no", 0),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, says: str, position: int) -> None:
    with pytest.raises(TemplateError, match=r".*") as problem:
        parse(text)
    assert says in str(problem.value) and problem.value.position == position


@for_all(st.text(), st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text()))
def test_no_text_and_no_value_does_anything_but_fill(text: str, values: dict[str, str]) -> None:
    try:
        found = fill(text, values)
    except TemplateError:
        assert "{" in text or "}" in text
        return
    assert "\x00" not in found.text
    if "{" not in text and "}" not in text:
        assert found.text == text.replace("\x00", "").strip()


def test_what_cannot_be_filled_is_not_saved(acme: Cast, save: Any, now: Time) -> None:
    for wrong in ({"text": "Hi {aauthor}"}, {"text": " "}, {"title": ""}, {"language": "xx"}, {"network": "nowhere"}):
        with pytest.raises(ValidationError):
            save(**wrong)
    save()
    with pytest.raises(ValidationError, match="title already"):
        save()
    with pytest.raises(PermissionDenied):
        add_saved_reply(acme.organization, title="Mine", text="Hi", by=acme.rosa, at=now())


def test_versions_are_kept(acme: Cast, save: Any, now: Time) -> None:
    made = save()
    changed = change_saved_reply(made, title="Part", text="Hello {author|you}.", version=1, by=acme.carla, at=now())
    assert [(v.number, v.text) for v in made.versions.all()] == [(2, "Hello {author|you}."), (1, HELLO)]
    same = change_saved_reply(changed, title="Part", text="Hello {author|you}.", by=acme.carla, at=now())
    assert same.version == 2
    with pytest.raises(Stale):
        change_saved_reply(made, title="Part", text="Late.", version=1, by=acme.carla, at=now())


def test_responders_propose_and_coaches_take_up(acme: Cast, now: Time, about: Any) -> None:
    made = propose_saved_reply(acme.organization, title="Rosa's", text=HELLO, by=acme.rosa, at=now())
    assert suggestions(about(), acme.rosa, most=5) == []
    with pytest.raises(PermissionDenied):
        take_up_saved_reply(made, by=acme.rosa, at=now())
    take_up_saved_reply(made, by=acme.carla, at=now())
    assert [one.saved for one in suggestions(about(), acme.rosa, most=5)] == [made]
    retire_saved_reply(made, by=acme.carla, at=now())
    assert suggestions(about(), acme.rosa, most=5) == []


def test_what_fits_is_offered_the_most_alike_first(acme: Cast, save: Any, about: Any) -> None:
    brakes = save("Brakes", "The brake lever is a matter for the workshop.")
    refund = save("Refund", "A refund takes three days until the bank shows it.")
    german = save("Deutsch", "Die Bremse sieht sich die Werkstatt an.", language="de")
    save("Press only", "For the press.", department=acme.press)
    save("Field only", "On the field.", network="practice")
    topic = factories.topic("Other")
    save("Other topic", "About the other one.", topic=topic)
    row = about("My brake lever is loose, where is the workshop?", language="en", topic=factories.topic("Bikes"))
    assert [one.saved for one in suggestions(row, acme.rosa, most=9)] == [brakes, refund]
    row = about("When does the refund come?", language="de")
    offered = [one.saved for one in suggestions(row, acme.rosa, most=9)]
    assert offered[0] == refund and german in offered


def test_it_learns_from_what_it_answered(acme: Cast, save: Any, about: Any, now: Time) -> None:
    first, second = save("A", "We look into it at once."), save("B", "Somebody comes back to you.")
    row = about("The kickstand wobbles terribly", author=by("Ann"))
    reply(row, text="Somebody comes back to you.", by=acme.rosa, at=now(), saved_reply=second)
    asked = about("Why does my kickstand wobble?")
    assert [one.saved for one in suggestions(asked, acme.rosa, most=2)] == [first, second]
    with acting_for(None):
        learn_saved_replies()
    assert [one.saved for one in suggestions(asked, acme.rosa, most=2)] == [second, first]
    assert learn_from_uses() == 0


def test_the_gaps_are_filled_for_the_assignment(acme: Cast, save: Any, about: Any) -> None:
    save(text="{author} {handle} {me} {organization} {department} {topic|?} {link|nowhere}")
    row = about(author=by("Kim"))
    (one,) = suggestions(row, acme.rosa, most=1)
    assert one.filled.text == "Kim @kim Rosa Acme Customer care ? nowhere"


def test_use_and_outcome_are_counted(acme: Cast, save: Any, about: Any, town: Town, now: Time) -> None:
    made = save()
    said = "Hi {name}, a spare part leaves today. Rosa"
    texts = {"Ann": said, "Bea": said + " Bye!", "Cleo": "Something else altogether, and long."}
    for name, text in texts.items():
        row = about(author=by(name))
        reply(row, text=text.format(name=name), by=acme.rosa, at=now(), saved_reply=made)
    deliver(now)
    found = outcomes_of([made.pk], at=now())[made.pk]
    assert (found.used, found.edited, found.accepted, found.resolved, found.reopened) == (2, 1, 2, 2, 0)
    assert list(Reply.objects.order_by("pk").values_list("saved_version", "is_edited")) == [
        (1, False), (1, True), (None, None),
    ]  # fmt: skip
    assert outcomes_of([made.pk], at=now() + timedelta(days=91))[made.pk].used == 0


def test_without_script_it_goes_into_the_draft(acme: Cast, save: Any, about: Any, sign_in: Any, now: Time) -> None:
    made, row = save(), about(author=by("Kim"))
    rosa = sign_in(acme.rosa)
    page = rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert 'data-insert="#reply_text"' in page and "Hi Kim, a spare part leaves today. Rosa" in page
    rosa.post(f"/o/acme/queue/{row.pk}/use-saved-reply/", {"saved_reply": made.pk})
    draft = Draft.objects.get()
    assert (draft.text, draft.saved_reply) == ("Hi Kim, a spare part leaves today. Rosa", made)
    page = rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert f'name="saved_reply" value="{made.pk}"' in page
    use_saved_reply(row, saved_reply=made, by=acme.rosa, at=now())
    assert Draft.objects.get().text.count("Hi Kim") == 2


def test_the_same_for_the_same_text_whomever_it_greets() -> None:
    assert sameness_of("Hi Kim, the part leaves today.", ["Kim"]) == sameness_of(
        "hi ANN the part leaves today", ["Ann"]
    )
    assert sameness_of("Hi Kim, the part leaves today.", []) != sameness_of("Hi Ann, the part leaves today.", [])
    assert sameness_of("Thank you, Kim!", ["Kim"]) == ""


def test_too_often_to_one_author_or_to_many_is_asked_about(acme: Cast, about: Any, now: Time, town: Town) -> None:
    text, kim = "Hi {name}, a spare part leaves today.", by("Kim")
    reply(about(author=kim), text=text.format(name="Kim"), by=acme.rosa, at=now())
    with pytest.raises(Repeated, match="This author got the same text 1 time"):
        reply(about(author=kim), text=text.format(name="Kim"), by=acme.rosa, at=now(), ask_about_repeats=True)
    set_repetition(acme.organization, across_most=3, across_hours=2, by=acme.carla, at=now())
    for name in ("Ann", "Bea"):
        row = about(author=by(name))
        reply(row, text=text.format(name=name), by=acme.rosa, at=now(), ask_about_repeats=True)
    row = about(author=by("Cleo"))
    with pytest.raises(Repeated, match="3 times in the last 2 hours"):
        reply(row, text=text.format(name="Cleo"), by=acme.rosa, at=now(), ask_about_repeats=True)
    now.pass_by(3 * 3600)
    assert reply(row, text=text.format(name="Cleo"), by=acme.rosa, at=now(), ask_about_repeats=True).state == "ready"


def test_the_page_warns_keeps_the_text_and_sends_when_it_is_meant(
    acme: Cast, about: Any, now: Time, save: Any, sign_in: Any
) -> None:
    kim, made = by("Kim"), save()
    text = "Hi Kim, a spare part leaves today. Rosa"
    reply(about(author=kim), text=text, by=acme.rosa, at=now(), saved_reply=made)
    row, rosa = about(author=kim), sign_in(acme.rosa)
    assert "This author got it" in rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    fields = {"text": text, "saved_reply": made.pk, "key": "one", "resolves": "on"}
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", fields)
    assert Draft.objects.get(assignment=row).text == text
    page = rosa.get(f"/o/acme/queue/{row.pk}/").content.decode()
    assert "This author got the same text" in page and 'name="repeat"' in page
    rosa.post(f"/o/acme/queue/{row.pk}/reply/", fields | {"repeat": "on"})
    assert Reply.objects.filter(assignment=row, saved_reply=made).count() == 1


def test_the_pages_manage_and_search(acme: Cast, save: Any, sign_in: Any) -> None:
    made, carla, rosa = save(), sign_in(acme.carla), sign_in(acme.rosa)
    save("Other", "Quite another matter.")
    assert "Part" in rosa.get("/o/acme/saved-replies/").content.decode()
    found = rosa.get("/o/acme/saved-replies/?search=spare").content.decode()
    assert "spare part" in found and "another matter" not in found
    assert rosa.get("/o/acme/saved-replies/add/").status_code == 403
    assert rosa.post("/o/acme/saved-replies/propose/", {"title": "New", "text": "Hi {author}"}).status_code == 302
    bad = carla.post("/o/acme/saved-replies/add/", {"title": "Bad", "text": "Hi {aauthor}"})
    assert bad.status_code == 422 and "Did you mean {author}?" in bad.content.decode()
    assert "New" in carla.get("/o/acme/saved-replies/?state=proposed").content.decode()
    fields = {"title": "Part", "text": "Now so.", "version": 1}
    assert carla.post(f"/o/acme/saved-replies/{made.pk}/change/", fields).status_code == 302
    assert "Now so." in rosa.get(f"/o/acme/saved-replies/{made.pk}/").content.decode()
    assert carla.post(f"/o/acme/saved-replies/{made.pk}/change/", fields).status_code == 422
    assert carla.get(f"/o/acme/saved-replies/{made.pk}/retire/").status_code == 405
    carla.post(f"/o/acme/saved-replies/{made.pk}/retire/")
    assert "Now so." in carla.get("/o/acme/saved-replies/?state=retired").content.decode()
    numbers = {"to_author_most": 2, "to_author_days": 7, "across_most": 5, "across_hours": 1}
    assert carla.post("/o/acme/saved-replies/repetition/", numbers).status_code == 302


def test_the_list_costs_the_same_for_one_and_for_twenty(acme: Cast, save: Any, sign_in: Any) -> None:
    carla = sign_in(acme.carla)

    def count() -> int:
        carla.get("/o/acme/saved-replies/")
        with CaptureQueriesContext(connection) as queries:
            carla.get("/o/acme/saved-replies/")
        return len(queries)

    save()
    one = count()
    for number in range(28):
        save(f"Number {number:02}")
    assert count() == one
    first = carla.get("/o/acme/saved-replies/").content.decode()
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = carla.get(address).content.decode()
    shown = [f"Number {number:02}" for number in range(28)]
    assert all((title in first) != (title in second) for title in shown)


def test_over_the_api(acme: Cast, about: Any, api: Any) -> None:
    carla, rosa, row = api(acme.carla), api(acme.rosa), about(author=by("Kim"))
    made = carla.post("/api/v1/saved-replies/", {"title": "Part", "text": HELLO})
    assert made.status_code == 201, made.json()
    key = made.json()["id"]
    wrong = carla.post("/api/v1/saved-replies/", {"title": "Odd", "text": "{who}"})
    assert (wrong.status_code, "There is no {who}" in str(wrong.json())) == (400, True)
    assert rosa.post("/api/v1/saved-replies/", {"title": "Mine", "text": "Hi"}).status_code == 403
    assert rosa.post("/api/v1/saved-replies/propose/", {"title": "Mine", "text": "Hi"}).json()["state"] == "proposed"
    offered = rosa.get(f"/api/v1/saved-replies/suggest/?assignment={row.pk}").json()
    assert [one["text"] for one in offered] == ["Hi Kim, a spare part leaves today. Rosa"]
    said = {"assignment": row.pk, "text": offered[0]["text"], "saved_reply": key}
    sent = rosa.post("/api/v1/replies/", said).json()
    assert (sent["saved_reply"], sent["is_edited"]) == (key, False)
    assert rosa.get(f"/api/v1/saved-replies/{key}/outcome/").json()["used"] == 1
    again = said | {"assignment": about(author=row.mention.post.author).pk, "ask_about_repeats": True}
    assert rosa.post("/api/v1/replies/", again).status_code == 409
    assert carla.patch(f"/api/v1/saved-replies/{key}/", {"text": "New.", "seen_version": 1}).json()["version"] == 2
    assert [one["number"] for one in rosa.get(f"/api/v1/saved-replies/{key}/versions/").json()] == [2, 1]
    assert carla.post(f"/api/v1/saved-replies/{key}/retire/").json()["state"] == "retired"


def test_a_refused_reply_keeps_its_text_with_an_idempotency_key_too(
    acme: Cast, about: Any, api: Any, now: Time
) -> None:
    row = about(author=by("Kim"))
    reply(row, text="The first answer of all.", by=acme.rosa, at=now())
    said = {"assignment": row.pk, "text": "The second one."}
    answer = api(acme.rosa).post("/api/v1/replies/", said, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 409
    assert Draft.objects.get().text == "The second one."


def test_a_note_with_an_idempotency_key_is_kept_once(acme: Cast, about: Any, api: Any) -> None:
    row, rosa = about(), api(acme.rosa)
    answers = [
        rosa.post(f"/api/v1/assignments/{row.pk}/note/", {"text": "Once."}, headers={"Idempotency-Key": "n1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert row.notes.count() == 1
