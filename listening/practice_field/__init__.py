"""The practice field itself: its rows, its door for the adapter, and the cast that plays on it."""
