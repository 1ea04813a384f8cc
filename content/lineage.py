"""What was made of a piece, and what it was made of: the whole family as a tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from content.models import Piece

# A family is drawn up to so many; who is further away is said in a number.
MOST = 100


@dataclass
class Branch:
    """A piece with what was made of it."""

    piece: Piece
    is_here: bool
    offspring: list[Branch] = field(default_factory=list)

    @property
    def is_alone(self) -> bool:
        """Whether nothing was made of it."""
        return not self.offspring


def tree_of(piece: Piece) -> Branch:
    """The family of a piece from its first ancestor down; four statements, however large it is."""
    keys = Piece.objects.family_of(piece, most=MOST)
    rows = {row.pk: row for row in Piece.objects.filter(pk__in=keys).with_variants().order_by("pk")}
    branches = {key: Branch(row, key == piece.pk) for key, row in rows.items()}
    for key, row in rows.items():
        if row.from_piece_id in branches and row.from_piece_id != key:
            branches[row.from_piece_id].offspring.append(branches[key])
    # Keys grow from parent to child, so the first is the one that has no parent among them.
    return branches[min(branches)]
