"""What a person wrote in a reply by mail: without what they quote, and without the signature below."""

from __future__ import annotations

import re

# Stands at the top of what we send; a reply quotes it in every language and in every program.
MARK = "── Write your answer above this line ──"
_MARK_WORDS = "Write your answer above this line"
# “On … wrote:” in the languages of common mail programs; it may run over three lines.
_ATTRIBUTION = re.compile(
    r"^[ \t]*(?:On|Am|Le|El|Op|Il|Em|W dniu|Den|D(?:ňa|ne)|Pada|On the|Il giorno)\b[^\n]{0,300}(?:\n[^\n]{1,300}){0,2}?"
    r"(?:wrote|schrieb|a écrit|escribió|schreef|ha scritto|escreveu|napisał\(a\)|napisał|napisała|skrev|napsal|napísal"
    r"|menulis)\b[^\n]{0,200}:[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[ \t>]*-{2,}[ \t]*(?:Original Message|Ursprüngliche Nachricht|Message d.origine|Mensaje original"
    r"|Messaggio originale|Oorspronkelijk bericht|Mensagem original|Forwarded message)[ \t]*-{2,}[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
# The block of headers that some programs put before the quoted text.
_HEADERS = re.compile(
    r"^[ \t]*(?:_{10,}[ \t]*\n+[ \t]*)?\*?(?:From|Von|De|Da|Van|Od|Från)\*?[ \t]?:[^\n]+\n"
    r"(?:[ \t]*\*?[\w-]{1,12}\*?[ \t]?:[^\n]*\n){1,6}",
    re.MULTILINE,
)
_SENT_FROM = re.compile(
    r"^[ \t]*(?:Sent from (?:my|Outlook|Mail|Yahoo)|Get Outlook for|Von meinem [^\n]{1,40} gesendet|Gesendet von"
    r"|Envoyé (?:de|depuis) |Enviado desde |Verstuurd vanaf |Inviato da )[^\n]{0,80}$",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^--[ \t\u00a0]?$", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]*>")


def own_words(text: str) -> str:
    """Return what the sender wrote; where answers stand between quoted lines, all that is not quoted."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u200b", "").replace("\ufeff", "")
    above = _until(text, _MARK_LINE)
    for ending in (_ATTRIBUTION, _ORIGINAL, _HEADERS):
        above = _until(above, ending)
    found = _plain(above)
    # Who answers below the quote, or between its lines, has nothing above it.
    return found or _plain(_without_headings(text))


_MARK_LINE = re.compile(rf"^[^\n]*{re.escape(_MARK_WORDS)}[^\n]*$", re.MULTILINE)


def _until(text: str, ending: re.Pattern[str]) -> str:
    found = ending.search(text)
    return text[: found.start()] if found else text


def _without_headings(text: str) -> str:
    for heading in (_MARK_LINE, _ATTRIBUTION, _ORIGINAL):
        text = heading.sub("", text)
    return text


def _plain(text: str) -> str:
    """Without quoted lines, without the signature, without more than one empty line in a row."""
    lines = [line.rstrip() for line in text.split("\n") if not _QUOTED.match(line)]
    said = _until(_until("\n".join(lines), _SIGNATURE), _SENT_FROM)
    return re.sub(r"\n{3,}", "\n\n", said).strip()
