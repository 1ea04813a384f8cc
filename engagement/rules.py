"""Conditions on what members may do to assignments and replies."""

from __future__ import annotations

from django.utils.translation import gettext as _

from engagement.models import Assignment
from roles.models import Member
from roles.permissions import ALLOWED, Decision, rule


@rule("engagement.reply")
def may_reply(member: Member, assignment: Assignment) -> Decision:
    """A reply needs an open assignment about a post that is public, still there, and reachable through a channel."""
    post = assignment.mention.post
    if post.is_internal:
        return Decision(_("This was said internally: it can never be answered in public."))
    if post.withdrawn_at:
        return Decision(_("The author has withdrawn this post."))
    if not assignment.is_open:
        return Decision(_("This is resolved already. Reopen it to write again."))
    return ALLOWED
