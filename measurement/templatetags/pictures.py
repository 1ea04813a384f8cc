"""What the templates of pictures look up: colours and words by place."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from measurement.figures import network_label

register = template.Library()


@register.filter
def colour(place: int, series: Sequence[tuple[int, str]]) -> int:
    """The number of the colour of the series at this place."""
    return series[place][0]


@register.filter
def network_name(network: str) -> str:
    """What people call a network."""
    return network_label(network)


@register.filter
def link(place: int, steps: Sequence[tuple[str, str]]) -> str:
    """The address of the rows of the step at this place."""
    return steps[place][0]


@register.filter
def said(place: int, steps: Sequence[tuple[str, str]]) -> str:
    """What the step at this place says."""
    return steps[place][1]
