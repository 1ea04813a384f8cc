"""Read a mailbox: what is new since the cursor, and what to do when the server has numbered everything anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import Any

from imapclient import IMAPClient

from listening.networks.mail.message import read_message
from listening.networks.mail.parse import message_id, parse
from listening.networks.mail.wire import mailbox
from listening.networks.protocols import Access, Cursor, NetworkError, Page, Refused, RemotePost
from listening.networks.words import _

log = logging.getLogger(__name__)
AT_ONCE = 100
# What of one mail is read: its words stand at the beginning, before what is attached.
LARGEST = 1_000_000
# So much is asked for in one command, and after so many seconds what is there is enough for this visit.
TOGETHER, ENOUGH = 4_000_000, 20.0
FIRST_DAYS = timedelta(days=7)
SECONDS_BETWEEN_READS = 300.0
SECONDS_OF_IDLE = 540.0


async def read(access: Access, place: str, since: Cursor) -> Page:
    """Read what came since the cursor, oldest first, a bounded number at once."""
    return await asyncio.to_thread(_read, access, place, since)


def _read(access: Access, place: str, since: Cursor) -> Page:
    with mailbox(access) as box:
        state = _open(box, place)
        validity, following = int(state[b"UIDVALIDITY"]), int(state[b"UIDNEXT"])
        last, gap = _where_to_go_on(box, since, validity, following)
        if last is None:
            numbers = list(box.search(["SINCE", _day(datetime.now(UTC) - FIRST_DAYS)]))
        else:
            # A server answers `n:*` with its last mail even where that is older.
            numbers = [number for number in box.search(["UID", f"{last + 1}:*"]) if number > last]
        numbers.sort()
        posts, newest, seen = _fetch(box, numbers[:AT_ONCE])
    is_more = bool(numbers) and seen != numbers[-1]
    if not numbers:
        seen = max(last or 0, following - 1)
    cursor = {"validity": validity, "uid": seen, "last": newest or since.get("last", "")}
    return Page(
        posts=tuple(posts),
        cursor=cursor,
        unchanged=not numbers,
        gap=gap,
        wait=1.0 if is_more else SECONDS_BETWEEN_READS,
        title=f"{access.account.handle} {place}".strip(),
        status=200,
    )


def _open(box: IMAPClient, place: str) -> dict[bytes, Any]:
    if not box.folder_exists(place):
        raise Refused(_("There is no folder “%(place)s” in this mailbox.", place=place))
    state: dict[bytes, Any] = box.select_folder(place, readonly=True)
    return state


def _where_to_go_on(box: IMAPClient, since: Cursor, validity: int, following: int) -> tuple[int | None, bool]:
    """The number of the last mail that was read, None to begin with the last days; and whether mails may be missing."""
    if not since:
        return None, False
    uid = int(since.get("uid") or 0)
    # Numbers only grow. A mailbox whose next one has been given before was laid back from a copy, whatever it says.
    if int(since.get("validity") or 0) == validity and following > uid:
        return uid, False
    # The server numbers anew: the last mail that was read is looked for by the id that it brought with it.
    last = str(since.get("last") or "")
    found = box.search(["HEADER", "Message-ID", f"<{last}>"]) if last.isascii() and last else []
    return (max(found), False) if found else (None, True)


def _fetch(box: IMAPClient, numbers: Sequence[int]) -> tuple[list[RemotePost], str, int]:
    """Read mails in commands of a bounded size; returns posts, the last Message-ID and the last number read."""
    posts: list[RemotePost] = []
    newest, seen = "", 0
    sizes = box.fetch(numbers, ["RFC822.SIZE"]) if numbers else {}
    until = monotonic() + ENOUGH
    for group in _groups(numbers, sizes):
        if seen and monotonic() > until:
            break
        answers = box.fetch(group, [f"BODY.PEEK[]<0.{LARGEST}>", "INTERNALDATE"])
        for number in group:
            answer = answers.get(number) or {}
            raw = next((value for name, value in answer.items() if name.startswith(b"BODY[]")), None)
            if isinstance(raw, bytes):  # else it was removed meanwhile
                found, own_id = _posts(raw, answer.get(b"INTERNALDATE"))
                posts.extend(found)
                newest = own_id or newest
        seen = group[-1]
    return posts, newest, seen


def _groups(numbers: Sequence[int], sizes: Mapping[int, Mapping[bytes, Any]]) -> Iterator[list[int]]:
    group: list[int] = []
    together = 0
    for number in numbers:
        size = min(int((sizes.get(number) or {}).get(b"RFC822.SIZE") or 0), LARGEST)
        if group and together + size > TOGETHER:
            yield group
            group, together = [], 0
        group.append(number)
        together += size
    if group:
        yield group


def _posts(raw: bytes, received: object) -> tuple[list[RemotePost], str]:
    """Read one mail; one that cannot be read is told of, and does not keep the next from being read."""
    at = received.astimezone(UTC) if isinstance(received, datetime) else None
    try:
        return parse(raw, received_at=at), message_id(read_message(raw[:50_000]))
    except (Exception, RecursionError):  # the parser of mails fails in many ways on hostile ones
        log.exception("A mail could not be read.")
        own_id = sha256(raw).hexdigest()[:40] + "@unreadable"
        return [RemotePost(id=own_id, published_at=at, problems=(_("This mail could not be read."),))], ""


def _day(at: datetime) -> str:
    # Names of months are English in this protocol, whatever the machine speaks.
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{at.day:02d}-{months[at.month - 1]}-{at.year}"


def find(access: Access, wanted: str, folders: Sequence[str]) -> bool:
    """Whether a mail with this Message-ID lies in one of some folders; those that are not there are passed over."""
    with mailbox(access) as box:
        for folder in folders:
            if box.folder_exists(folder):
                box.select_folder(folder, readonly=True)
                if box.search(["HEADER", "Message-ID", f"<{wanted}>"]):
                    return True
    return False


def sent_folders(access: Access) -> list[str]:
    """The folders in which what was sent may lie: as the server marks them, and the inbox."""
    with mailbox(access) as box:
        marked = [str(name) for flags, _delimiter, name in box.list_folders() if {b"\\Sent", b"\\All"} & set(flags)]
    return list(dict.fromkeys(["INBOX", *marked, "Sent"]))


async def hints(access: Access, place: str) -> AsyncIterator[None]:
    """Give a sign once the server listens and whenever something came; the line is made anew every nine minutes."""
    signs: asyncio.Queue[NetworkError | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    ended = False
    following = 0

    def tell(sign: NetworkError | None) -> None:
        loop.call_soon_threadsafe(signs.put_nowait, sign)

    def wait() -> None:
        nonlocal following
        try:
            with mailbox(access) as box:
                begin, following = following, int(_open(box, place)[b"UIDNEXT"])
                box.idle()
                if following != begin:  # also what came while the line was made anew
                    tell(None)
                until = datetime.now(UTC) + timedelta(seconds=SECONDS_OF_IDLE)
                while not ended and datetime.now(UTC) < until:
                    if any(b"EXISTS" in answer for answer in box.idle_check(timeout=2)):
                        tell(None)
                box.idle_done()
        except NetworkError as problem:
            tell(problem)

    try:
        while True:
            waiting = loop.run_in_executor(None, wait)
            while not waiting.done() or not signs.empty():
                try:
                    sign = await asyncio.wait_for(signs.get(), timeout=1)
                except TimeoutError:
                    continue
                if sign is not None:
                    raise sign
                yield None
    finally:
        ended = True
