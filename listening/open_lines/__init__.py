"""Lines that stay open to networks, by which a source is read as soon as something happens there."""
