"""What pages of engagement say again and again."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from engagement.models import Assignment, PromiseKind, Reply
from engagement.models.rules import Priority
from listening.connections.money import dollars, price_of_reply
from roles.templatetags.touchline import clock

register = template.Library()

# The first response is what everybody expects a clock to mean; the others say what they are.
WHAT = {
    PromiseKind.NEXT_RESPONSE.value: gettext_lazy("Next answer:"),
    PromiseKind.RESOLUTION.value: gettext_lazy("Solution:"),
}


@register.simple_tag
def priorities() -> dict[int, str]:
    """What priorities are called: a row's own `get_priority_display` looks for the word anew on every line."""
    return {value: str(label) for value, label in Priority.choices}


@register.simple_tag
def target_clock(assignment: Assignment, waits_for: str = "") -> SafeString:
    """The clock of an assignment: what runs, what stands still (and for whom), or how its first response came."""
    start = assignment.promised_at or assignment.created_at
    if assignment.is_open and assignment.promise:
        said = str(WHAT.get(assignment.promise, ""))
        return clock(
            assignment.due_at, start, warn_at=assignment.warn_at, paused_at=assignment.paused_at, what=said,
            waits_for=waits_for,
        )  # fmt: skip
    if assignment.first_answered_at is not None and assignment.first_due_at is not None:
        return clock(assignment.first_due_at, assignment.created_at, assignment.first_answered_at)
    return SafeString("")


@register.inclusion_tag("engagement/_price.html")
def price_of(reply: Reply) -> dict[str, str]:
    """What a reply costs at most, wherever somebody lets it go out; nothing where its network takes no money."""
    price = price_of_reply(reply.channel.connection, reply.text)
    return {"price": dollars(price.most) if price is not None else ""}
