"""What the team's own affairs send by e-mail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from roles.models import Invitation

log = logging.getLogger(__name__)


def is_configured() -> bool:
    """Whether there is a mail server; without one, messages are files that the operator can read."""
    return bool(settings.EMAIL_HOST)


def send_invitation(invitation: Invitation, link: str) -> None:
    """Mail the link; a mail server that refuses is logged, for the link was also shown to the inviter."""
    context = {
        "invitation": invitation,
        "inviter": invitation.inviter,
        "organization": invitation.organization,
        "action_url": link,
        "action_label": _("Come in"),
    }
    subject = _("%(inviter)s invites you to %(organization)s on Touchline") % context
    text, html = (render_to_string(f"roles/mail/invitation.{kind}", context) for kind in ("txt", "html"))
    try:
        # One line only: a name with a line break must not become a header.
        send_mail(" ".join(subject.split()), text, None, [invitation.email], html_message=html)
    except OSError as problem:
        log.warning("Invitation %s could not be mailed: %s", invitation.pk, problem)
