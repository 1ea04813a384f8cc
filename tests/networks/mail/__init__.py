"""E-mail on its stage."""
