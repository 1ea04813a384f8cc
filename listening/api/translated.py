"""What networks said, as programs get it: in the language that a request asks for."""

from __future__ import annotations

from rest_framework import serializers

from listening.translating import translated


class TranslatedField(serializers.CharField):
    """Words of a network, kept as they came and said in the language of whoever asks."""

    def to_representation(self, value: object) -> str:
        """Return them in that language."""
        return translated(value)
