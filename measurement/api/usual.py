"""What is usual, for programs."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class UsualSerializer(serializers.Serializer[Any]):
    """A metric in as many days, again and again through the year before: the median, the least and the most.

    Null, or not there, where fewer than three such spans were measured.
    """

    metric = serializers.CharField(source="key")
    median = serializers.FloatField()
    lowest = serializers.FloatField()
    highest = serializers.FloatField()
    spans = serializers.IntegerField(help_text="Of how many spans it is told.")
