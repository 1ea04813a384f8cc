"""What pages of maturity say again and again."""

from __future__ import annotations

from django import template

from measurement.saying import share
from roles.markdown import markdown

register = template.Library()
register.filter("markdown", markdown)
register.filter("share", share)


@register.filter
def hours(seconds: float, nothing: str = "–") -> str:
    """Seconds as hours and minutes, as one reads them in a column: `1:05`; a dash for less than half a minute."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}" if minutes else nothing
