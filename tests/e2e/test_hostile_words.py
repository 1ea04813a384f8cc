"""What would rather be markup, sent through every door and looked at in one browser: it is shown as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from content.models import Idea, Media, Piece
from engagement import inbox
from engagement.actions.consults import consult
from engagement.consult_tokens import reply_token
from engagement.models import Assignment, ConsultRequest, ReceivedMail
from engagement.tasks import take_mails
from listening import polling
from listening.actions import webhooks
from listening.models import Mention, Source
from listening.networks.webhook import signature
from roles import clock
from roles.actions.tokens import make_token
from roles.models import Member, Role
from roles.tenancy import acting_for
from tests import factories
from tests.architecture import hostile
from tests.architecture.hostile import WORDS
from tests.cast import Cast, join_all
from tests.content.files import picture
from tests.content.reviews import ask
from tests.e2e.conftest import Visitor
from tests.listening.servers import FeedServer

CELL = WORDS.replace('"', '""')
JAVASCRIPT = "javascript:alert(document.domain)"
MAPPING = {"posts": "@", "id": "id", "text": "text", "author_name": "who", "url": "url", "title": "title"}
ENTITIES = '<!DOCTYPE rss [<!ENTITY a "acme planted"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


def poll() -> None:
    """Visit all sources once; not in the thread of the browser, whose event loop leaves room for no other."""

    def work() -> None:
        try:
            Source.objects.update(next_poll_at=clock.now(), lease_until=None)
            polling.poll_due(clock.now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(copy_context().run, work).result()


def listens(stage: Cast) -> None:
    """A feed with markup in it, one with entities, one in another encoding than it says, and a program."""
    escaped = WORDS.replace("&", "&amp;").replace("<", "&lt;")
    item = "<item><guid>{0}</guid><title>acme {1}</title><description>{1}</description><link>{2}</link></item>"
    rss = '<?xml version="1.0" encoding="utf-8"?>{}<rss version="2.0"><channel><title>{}</title>{}</channel></rss>'
    with FeedServer() as server:
        server.documents = {
            "/markup": rss.format("", escaped, item.format("m", escaped, JAVASCRIPT)).encode(),
            "/entities": rss.format(ENTITIES, "x", item.format("e", "&b;&f;", "https://a.example/")).encode(),
            "/encoding": rss.format("", "x", item.format("k", "acme café", "https://a.example/")).encode("latin-1"),
        }
        for path in server.documents:
            factories.source(place=server.url(path), next_poll_at=clock.now())
        poll()
    row, secret = webhooks.add_inbound_webhook(name="Reviews", by=stage.carla, at=clock.now())
    row = webhooks.map_inbound_webhook(row, mapping=MAPPING, by=stage.carla, at=clock.now())
    body = json.dumps({"id": 1, "text": f"acme {WORDS}", "who": WORDS, "url": JAVASCRIPT, "title": WORDS}).encode()
    headers = signature.sign(secret, key="m1", at=clock.now(), body=body)
    sent = Client().post(f"/hooks/{row.key}/", body, content_type="application/json", headers=headers)
    assert sent.status_code == 202
    poll()


def types(ada: Member) -> None:
    """Forms, the button among the bookmarks, an upload, and programs."""
    client = Client()
    client.force_login(ada.user)
    here = "/o/acme/content/ideas/from-page/"
    assert client.post(here, {"text": WORDS, "quote": WORDS, "url": JAVASCRIPT, "page_title": WORDS}).status_code == 302
    file = SimpleUploadedFile('"><img src=x onerror=alert(1)>.png', picture("PNG"), content_type="text/html")
    assert client.post("/o/acme/content/media/take/", {"file": file, "alt": WORDS}).status_code == 302
    lines = SimpleUploadedFile("team.csv", f'email,name,role\n"{CELL}","{CELL}","{CELL}"\n'.encode())
    tried = hostile.Page(client.post("/o/acme/team/import/", {"file": lines}).content.decode())
    assert tried.words and tried.complaints == []
    _, key = make_token(ada, name="tests", scopes=[], by=ada, at=clock.now())
    program = {"Authorization": f"Token {key}"}
    for address, said in (("ideas", {"text": WORDS}), ("departments", {"name": WORDS[:80]})):
        made = Client().post(f"/api/v1/{address}/", said, content_type="application/json", headers=program)
        assert made.status_code == 201, made.content


def answers_by_mail(stage: Cast, claimed: Assignment, settings: Any) -> None:
    """A question to the booth with markup in it, answered by a mail full of it."""
    settings.INBOUND_MAIL_ADDRESS = "touchline@example.org"
    consult(claimed, question=WORDS, to=[stage.bodo], by=stage.rosa, at=clock.now())
    recipient = f"touchline+{reply_token(ConsultRequest.objects.get())}@example.org"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = '"<b>" <bodo@example.org>', recipient, WORDS[:60]
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content(WORDS)
    mail.add_alternative(f"<script>alert(1)</script>{WORDS}", subtype="html")
    inbox.store(mail.as_bytes(), sender="bodo@example.org", recipient=recipient, at=clock.now())
    take_mails()


def watch(who: Visitor, heard: list[str]) -> None:
    """Note each dialog, and each request to another host."""

    def dismiss(dialog: Any) -> None:
        heard.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def asks(asked: Any) -> None:
        if not asked.url.startswith((who.address, "data:", "blob:")):
            heard.append(asked.url)

    who.page.on("dialog", dismiss)
    who.page.on("request", asks)


def test_words_are_words(visitor: Callable[..., Visitor], stage: Cast, settings: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    with acting_for(stage.organization):
        [ada] = join_all([("Ada", list(Role), None)])
        factories.query("acme")
        listens(stage)
        mentions = {mention.post.text: mention for mention in Mention.objects.select_related("post__source")}
        assert not any("root:" in text for text in mentions) and len(mentions) >= 2
        assert not any("javascript" in mention.post.url for mention in mentions.values())
        types(ada)
        assert set(Idea.objects.values_list("url", flat=True)) == {""}
        claimed = factories.assignment(department=stage.care, member=stage.rosa, text=WORDS, state="claimed")
        answers_by_mail(stage, claimed, settings)
        assert ReceivedMail.objects.get().state == "taken"
        piece = factories.piece(author=ada, title=WORDS[:120])
        factories.variant(piece, text=WORDS)
        review = ask(piece, ada)
        paths = ["/stream/", *(f"/mentions/{mention.pk}/" for mention in mentions.values())]
        paths += ["/queue/", f"/queue/{claimed.pk}/", "/departments/", "/content/media/", "/audit/"]
        paths += [
            f"/content/media/{Media.objects.get().pk}/",
            *(f"/content/ideas/{idea.pk}/" for idea in Idea.objects.all()),
        ]
        paths += [f"/content/pieces/{Piece.objects.get().pk}/", f"/content/reviews/{review.pk}/", "/content/ideas/"]
        paths += [f"/content/ideas/from-page/?{urlencode({'url': JAVASCRIPT, 'title': WORDS, 'text': WORDS})}"]
    who = visitor(width=390).signs_in(ada)
    heard: list[str] = []
    watch(who, heard)
    shown = 0
    for path in paths:
        answer = who.goes_to(path)
        assert answer.status == 200, path
        assert who.page.locator("x-planted").count() == 0, path
        shown += "<x-planted" in who.page.inner_text("body") or "x-planted" in who.page.content()
        wide = who.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
    assert shown > 8
    assert [line for line in heard if settings.EVENTS_URL not in line] == []
