"""Reading known posts again, for edits and deletions."""
