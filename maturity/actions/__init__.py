"""Change where we stand, and how we take part."""
