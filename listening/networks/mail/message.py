"""What a mail says: its headers, its words, and whether a machine wrote it. Nothing in here trusts the mail."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import getaddresses

from lxml import etree

LONGEST = 200_000
_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_BLOCKS = frozenset(
    {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol"}
)
_SILENT = ("script", "style", "title", "head", "template")


def read_message(raw: bytes) -> EmailMessage:
    """Read the bytes of a mail."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def values_of(message: EmailMessage, name: str) -> list[str]:
    """All values of a header; one that cannot be read is not there."""
    try:
        return [str(value) for value in message.get_all(name, [])]
    except Exception:  # noqa: BLE001 - the parser of headers fails in many ways on hostile ones
        return []


def addresses_in(message: EmailMessage, *names: str) -> list[tuple[str, str]]:
    """Name and address of everybody in some headers."""
    found = getaddresses([value for name in names for value in values_of(message, name)])
    return [(storable(name).strip(), storable(address).strip().lower()) for name, address in found if address]


def body_of(message: EmailMessage, *, quoted: bool = False) -> str:
    """The words of a mail: its plain text, else what remains of its HTML, with what is `quoted` there or without."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    said = _decoded(part)[:LONGEST]
    return storable(said if part.get_content_type() == "text/plain" else _without_markup(said, quoted=quoted))


def markup_of(message: EmailMessage) -> str:
    """The HTML of a mail, as it came; empty where it has none."""
    part = message.get_body(preferencelist=("html",))
    return "" if part is None or part.get_content_type() != "text/html" else storable(_decoded(part)[: LONGEST * 4])


def attachments_of(message: EmailMessage) -> list[str]:
    """The names of what is attached."""
    names = [
        storable(" ".join((part.get_filename() or part.get_content_type()).split()))[:120]
        for part in message.walk()
        if part.get_content_disposition() == "attachment" or (part.get_filename() and not part.is_multipart())
    ]
    return names[:20]


def is_automatic(message: EmailMessage, *, sender: str | None = None) -> bool:
    """Whether a machine wrote it: an empty envelope sender, a report, a list, an answer while somebody is away."""
    said = " ".join(values_of(message, "Auto-Submitted")).strip().lower()
    if said and not said.startswith("no"):
        return True
    if sender == "" or any(value.strip() == "<>" for value in values_of(message, "Return-Path")):
        return True
    if message.get_content_type() in {"multipart/report", "message/delivery-status"}:
        return True
    if " ".join(values_of(message, "Precedence")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}:
        return True
    if any(
        values_of(message, name)
        for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Failed-Recipients")
    ):
        return True
    authors = [address for _name, address in getaddresses(values_of(message, "From"))]
    return any(_MACHINES.match(address) for address in authors)


def storable(text: str) -> str:
    """Without the letters that no text in the database can hold."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, ValueError, KeyError):  # an alphabet that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _without_markup(said: str, *, quoted: bool) -> str:
    """The words of HTML, a line for each block; by a parser, for patterns over markup can be made to run for ever."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(said.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    if root is None:
        return ""
    etree.strip_elements(root, *_SILENT, with_tail=False)
    whole = _words(root)
    if quoted:
        return whole
    for part in [node for node in root.iter() if _is_quoted(node) and node is not root]:
        part.text = None
        for below in list(part):
            part.remove(below)
    # Where all is quoted, that is what there is to read.
    return _words(root).strip() or whole


def _is_quoted(node: etree._Element) -> bool:
    """Whether it is what programs wrap around what they quote."""
    return node.tag == "blockquote" or (node.tag == "div" and "gmail_quote" in str(node.get("class") or ""))


def _words(root: etree._Element) -> str:
    said: list[str] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str):
            continue
        if event == "start":
            said.append(("\n" if node.tag in _BLOCKS else "") + (node.text or ""))
        else:
            said.append(("\n" if node.tag in _BLOCKS - {"br"} else "") + (node.tail or "" if node is not root else ""))
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return "\n".join(lines).strip()
