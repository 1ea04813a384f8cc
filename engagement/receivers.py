"""News from listening that engagement acts on, one call each."""
