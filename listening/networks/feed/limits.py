"""How much of a document is read, so that no document can cost more than it is worth."""

LARGEST = 5_000_000
# A feed has few levels; text that claims more is an attack or an accident.
DEEPEST = 200
# Beyond this size or depth the patient parser for broken documents is not tried: its time grows faster than its input.
LARGEST_BROKEN = 1_000_000
LONGEST_TEXT = 200_000
LONGEST_TITLE = 2_000
LONGEST_ID = 500
LONGEST_LINK = 4_000
MOST_MEDIA = 20
