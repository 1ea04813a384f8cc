"""How much of a document is read, so that no document can cost more than it is worth."""

LARGEST = 5_000_000
# A feed has few levels; text that claims more is an attack or an accident.
DEEPEST = 200
# Beyond this size, or so many tags, the patient parser for broken documents is not tried: it needs seconds for a
# megabyte of tags.
LARGEST_BROKEN = 500_000
MOST_TAGS_BROKEN = 30_000
LONGEST_TEXT = 200_000
LONGEST_TITLE = 2_000
LONGEST_ID = 500
LONGEST_LINK = 4_000
MOST_MEDIA = 20
MOST_ENTRIES = 10_000
