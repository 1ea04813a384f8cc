"""A query asked of a post's stored words alone, which costs little: it says no only where the post itself would.

Order and distance can be told from the words. Capitals, where a handle ends and facts about the post cannot.
"""

from __future__ import annotations

from dataclasses import replace

from listening.matching.document import FoldedDocument
from listening.matching.tree import And, Near, Node, Or, Term
from listening.searching.documents import cut


class StoredWords(FoldedDocument):
    """The words of a post as search keeps them, without its facts; of the post itself nothing is known."""

    def __init__(self, stored: str) -> None:
        self.words = f"{stored.partition(' :')[0]} "


def told_by_words(node: Node) -> Node | None:
    """What of a rule can be asked of stored words: true of all that the rule is true of; None where nothing can."""
    if isinstance(node, Term):
        return replace(node, kind="word", needle=cut(node.needle), exact=False)
    if isinstance(node, Near):
        left, right = told_by_words(node.left), told_by_words(node.right)
        return replace(node, left=left, right=right) if left and right else left or right
    if isinstance(node, And):
        parts = [part for part in map(told_by_words, node.parts) if part is not None]
        return And(tuple(parts)) if parts else None
    if isinstance(node, Or):
        choices = [told_by_words(part) for part in node.parts]
        return None if None in choices else Or(tuple(part for part in choices if part is not None))
    return None
