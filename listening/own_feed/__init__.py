"""Feeds of our own: where their entries are kept, and how they are given to whoever reads them."""
