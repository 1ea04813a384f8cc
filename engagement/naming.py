"""Who is named in a note: “@” and a name, or a first name that only one colleague has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from roles.models import Member


def named_in(text: str, people: Iterable[Member]) -> list[Member]:
    """Return those of the people whom the text names, in the order in which they are named; whole names go first."""
    by_word = _words_for(people)
    if not by_word or "@" not in text:
        return []
    longest_first = sorted(by_word, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)@({'|'.join(map(re.escape, longest_first))})(?!\w)")
    found = {by_word[match.group(1)].pk: by_word[match.group(1)] for match in pattern.finditer(text.casefold())}
    return list(found.values())


def _words_for(people: Iterable[Member]) -> dict[str, Member]:
    known = {member.pk: member for member in people}.values()
    whole = {str(member).casefold(): member for member in known if str(member).strip()}
    firsts = Counter(str(member).casefold().split(" ")[0] for member in known)
    first = {str(member).casefold().split(" ")[0]: member for member in known}
    return {word: member for word, member in first.items() if word and firsts[word] == 1} | whole
