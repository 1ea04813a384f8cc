"""What pages of maturity say again and again."""

from __future__ import annotations

from django import template

from maturity.markdown import markdown

register = template.Library()
register.filter("markdown", markdown)
