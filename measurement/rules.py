"""Conditions on what members may do with figures: none beyond the table."""
