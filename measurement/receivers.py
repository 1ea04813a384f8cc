"""News that changes figures, one call each."""
