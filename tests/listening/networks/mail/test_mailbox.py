"""A mailbox on real sockets: read on from where it was, answered once, found again after a lost answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from listening.networks.http import Http
from listening.networks.mail import box, network
from listening.networks.mail.wire import Server
from listening.networks.protocols import (
    Access,
    AccessWithdrawn,
    Cursor,
    OutgoingReply,
    Page,
    RateLimited,
    Refused,
    RemoteAuthor,
    Unreachable,
    Unreadable,
)
from tests.listening.networks.mail.servers import PASSWORD, Mailboxes, mail_servers

ADDRESS = "support@acme.example"


@pytest.fixture
def boxes() -> Iterator[Mailboxes]:
    """Both servers, with an empty mailbox."""
    with mail_servers() as made:
        yield made


@pytest.fixture
def access(boxes: Mailboxes) -> Access:
    """The mailbox, connected."""
    filled = {
        "address": ADDRESS,
        "name": "Acme",
        "password": PASSWORD,
        "imap": f"none://127.0.0.1:{boxes.imap_port}",
        "smtp": f"none://127.0.0.1:{boxes.smtp_port}",
    }
    begun = Access(http=Http(("127.0.0.1",)))
    made = network.connect(begun, "password", filled)
    return replace(begun, credentials=made.credentials, account=made.account, facts=made.facts, server=made.server)


def _mail(number: int, *, at: datetime | None = None) -> bytes:
    at = at or datetime.now(UTC)
    return (
        f"From: Ada <ada@example.org>\r\nTo: {ADDRESS}\r\nSubject: Mail {number}\r\n"
        f"Message-ID: <{number}@example.org>\r\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n\r\nWords {number}\r\n"
    ).encode()


def _read(access: Access, since: Cursor | None = None) -> Page:
    return asyncio.run(network.read(access, "INBOX", since or {}))


def _outgoing(**changed: object) -> OutgoingReply:
    made = OutgoingReply(
        key="reply-1", to="1@example.org", text="It is mended.\n.\nReally.", conversation="1@example.org", title="Leak",
        at=datetime(2026, 11, 26, 9, tzinfo=UTC), author=RemoteAuthor(id="ada@example.org", handle="ada@example.org"),
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def test_it_reads_on_from_where_it_was(boxes: Mailboxes, access: Access) -> None:
    boxes.put(_mail(0), at=datetime.now(UTC) - timedelta(days=30))
    boxes.put(_mail(1))
    boxes.put(_mail(2))
    first = _read(access)
    assert [post.id for post in first.posts] == ["1@example.org", "2@example.org"] and not first.gap
    assert _read(access, first.cursor).unchanged, "the server's own last mail is not taken for new"
    boxes.put(_mail(3))
    later = _read(access, first.cursor)
    assert [post.text for post in later.posts] == ["Words 3"] and later.cursor["uid"] == 4
    assert not {"STORE", "SELECT"} & set(boxes.commands), "nobody's mail is marked as read"


def test_many_mails_are_read_in_turns(boxes: Mailboxes, access: Access) -> None:
    for number in range(130):
        boxes.put(_mail(number))
    first = _read(access)
    second = _read(access, first.cursor)
    assert [len(first.posts), len(second.posts)] == [100, 30] and first.wait == 1.0
    assert len({post.id for page in (first, second) for post in page.posts}) == 130


def test_a_mail_that_cannot_be_read_keeps_no_other_from_being_read(boxes: Mailboxes, access: Access) -> None:
    boundaries = [f"b{number}" for number in range(1500)]
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{name}"\r\n\r\n--{name}\r\n' for name in boundaries)
    boxes.put(b"From: x@y.example\r\nMIME-Version: 1.0\r\n" + nested.encode())
    boxes.put(_mail(2))
    page = _read(access)
    assert [post.id for post in page.posts][1:] == ["2@example.org"] and page.cursor["uid"] == 2


def test_large_mails_are_asked_for_in_parts(boxes: Mailboxes, access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "TOGETHER", 1000)
    monkeypatch.setattr(box, "ENOUGH", 0.0)
    for number in range(3):
        boxes.put(_mail(number) + b"x" * 900)
    first = _read(access)
    assert [len(first.posts), first.cursor["uid"], first.wait] == [1, 1, 1.0]
    assert len(_read(access, first.cursor).posts) == 1


def test_after_new_numbers_it_goes_on_from_the_last_mail(boxes: Mailboxes, access: Access) -> None:
    boxes.put(_mail(1))
    before = _read(access)
    boxes.put(_mail(2))
    boxes.number_anew()
    after = _read(access, before.cursor)
    assert [post.id for post in after.posts] == ["2@example.org"] and not after.gap
    boxes.folders["INBOX"].clear()
    boxes.put(_mail(9))
    boxes.number_anew()
    lost = _read(access, before.cursor)
    assert lost.gap and [post.id for post in lost.posts] == ["9@example.org"]


def test_a_mailbox_that_was_laid_back_from_a_copy_loses_nothing(boxes: Mailboxes, access: Access) -> None:
    for number in range(1, 4):
        boxes.put(_mail(number))
    before = _read(access)
    boxes.lay_back(1)
    boxes.put(_mail(9))
    after = _read(access, before.cursor)
    assert [post.id for post in after.posts] == ["1@example.org", "9@example.org"], "and what is known is known"
    assert after.gap and after.cursor["uid"] == 2, "the last that was read has gone"


def test_an_answer_goes_into_the_thread(boxes: Mailboxes, access: Access) -> None:
    took = network.reply(access, _outgoing())
    ((sender, to, raw),) = boxes.taken
    message = message_from_bytes(raw, policy=policy.default)
    assert (sender, to) == (ADDRESS, ["ada@example.org", ADDRESS])
    assert message["Message-ID"] == f"<{took.id}>" and message["In-Reply-To"] == "<1@example.org>"
    assert message["Subject"] == "Re: Leak" and message["From"] == f"Acme <{ADDRESS}>"
    assert message.get_content().split() == ["It", "is", "mended.", ".", "Really."]  # type: ignore[attr-defined]
    assert network.find_reply(access, _outgoing()) == took
    with pytest.raises(Unreadable, match="not yet"):
        network.find_reply(access, _outgoing(key="another"))


def test_a_lost_answer_is_found_again(boxes: Mailboxes, access: Access) -> None:
    boxes.lose_next_answer = True
    with pytest.raises(Unreachable):
        network.reply(access, _outgoing())
    assert network.find_reply(access, _outgoing()) is not None and len(boxes.taken) == 1


def test_what_was_surely_not_taken_is_told_apart(boxes: Mailboxes, access: Access) -> None:
    boxes.refused["ada@example.org"] = "550 no such person"
    with pytest.raises(Refused, match="no such person"):
        network.reply(access, _outgoing())
    boxes.refused["ada@example.org"] = "450 full"
    with pytest.raises(RateLimited):
        network.reply(access, _outgoing())
    boxes.refused.clear()
    boxes.answer_to_data = "451 later"
    with pytest.raises(RateLimited):
        network.reply(access, _outgoing())
    boxes.answer_to_data = "554 spam"
    with pytest.raises(Refused, match="spam"):
        network.reply(access, _outgoing())
    assert boxes.taken == []
    with pytest.raises(Refused, match="no address"):
        network.reply(access, _outgoing(author=RemoteAuthor(handle="a@b\r\nBcc: c@d")))
    for to in ("a..b@docomo.example", ".a@x.example", "ü@x.example"):
        with pytest.raises(Refused, match="cannot be written"):
            network.reply(access, _outgoing(author=RemoteAuthor(handle=to)))
    with pytest.raises(Refused, match="cannot be written"):
        network.reply(access, _outgoing(text="a \ud800 b"))


def test_a_wrong_password_and_a_private_server_are_refused(boxes: Mailboxes, access: Access) -> None:
    boxes.password = "changed"
    with pytest.raises(AccessWithdrawn, match="app password"):
        network.check(access)
    boxes.busy = "NO [UNAVAILABLE] Temporary authentication failure"
    with pytest.raises(Unreachable, match="just now"):
        network.check(access)
    closed = replace(access, http=Http())
    with pytest.raises(Refused, match="FETCH_ALLOWED_PRIVATE_HOSTS"):
        network.check(closed)
    with pytest.raises(Refused, match="FETCH_ALLOWED_PRIVATE_HOSTS"):
        network.reply(closed, _outgoing())


def test_a_new_mail_gives_a_sign(boxes: Mailboxes, access: Access) -> None:
    async def first_sign() -> None:
        signs = network.hints(access, "INBOX")
        waiting = asyncio.ensure_future(anext(signs))
        await asyncio.to_thread(boxes.idling.wait, 10)
        boxes.put(_mail(5))
        await asyncio.wait_for(waiting, timeout=10)
        await signs.aclose()  # type: ignore[attr-defined]

    asyncio.run(first_sign())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("mail.example.org", "tls://mail.example.org:993"),
        ("mail.example.org:143", "starttls://mail.example.org:143"),
        ("none://localhost:1143", "none://localhost:1143"),
    ],
)
def test_servers_are_written_in_several_ways(typed: str, read: str) -> None:
    assert str(Server.read(typed, kind="imap")) == read


@pytest.mark.parametrize("typed", ["", "a b", "https://x/y", "mail.example.org:seven", "ftp://mail.example.org"])
def test_what_is_no_server_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match=r"mail\.example\.com|port number|no way"):
        Server.read(typed, kind="imap")


def test_a_server_to_which_nobody_signs_in_is_written_so() -> None:
    read = Server.read("nobody@relay.example.org:25", kind="smtp")
    assert (str(read), read.host, read.signs_in) == (
        "starttls://nobody@relay.example.org:25",
        "relay.example.org",
        False,
    )
    assert Server.read(str(read), kind="smtp") == read
    for typed, kind in (("nobody@mail.example.org", "imap"), ("ann@mail.example.org", "smtp")):
        with pytest.raises(ValueError, match="not the address"):
            Server.read(typed, kind=kind)  # type: ignore[arg-type]
