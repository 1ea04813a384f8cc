"""E-mails to members: written in the transaction of what they tell of, sent by a worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from roles.audit import record
from roles.background import hint
from roles.models import Mail, Member, Organization
from roles.permissions import allowed
from roles.speaking import in_words_for
from roles.tenancy import active_organization


def write_mail(
    member: Member,
    *,
    key: str,
    kind: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    at: datetime,
    unsubscribe_url: str = "",
    reply_token: str = "",
    to_address: str = "",
) -> None:
    """Write an e-mail to a member from `template`.txt and `template`.html, unless one with this key was written before.

    The application itself does this in the transaction of what the mail tells of; a worker sends it when that is
    committed. `reply_token` makes a reply to it findable; with `to_address` it goes to somebody outside, in the name of
    the member. Context names `organization` and `member` are filled in.
    """
    organization = active_organization()
    filled = {"organization": organization, "member": member, **context}
    # A worker has no time zone of its own; moments stand as the organization's pages show them.
    with in_words_for(member), timezone.override(organization.zone):
        text, html = render_to_string(f"{template}.txt", filled), render_to_string(f"{template}.html", filled)
    mail = Mail(
        member=member,
        to_address=to_address,
        key=key,
        kind=kind,
        # One line only: a name with a line break must not become a header.
        subject=" ".join(subject.split())[:300],
        text=text,
        html=html,
        url=_page(context.get("action_url"), organization),
        unsubscribe_url=unsubscribe_url,
        reply_token=reply_token,
        written_at=at,
        next_attempt_at=at,
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    hint("roles.tasks.send_mails")


def _page(address: Any, organization: Organization) -> str:
    """The address that the mail leads to if it lies behind the sign-in, else the organization's first page."""
    inside = f"{settings.SITE_URL}/o/{organization.slug}/"
    return str(address)[:1000] if str(address).startswith(inside) else inside


@allowed("roles.manage_mail")
@transaction.atomic
def send_again(mail: Mail, *, by: Member | None, at: datetime) -> Mail:
    """Have an e-mail sent again that was not sent, or of which nobody knows whether it was."""
    mail = Mail.objects.select_for_update().get(pk=mail.pk)
    if mail.state not in (Mail.State.FAILED, Mail.State.UNKNOWN):
        raise ValidationError(_("This e-mail is not one that failed: %(state)s.") % {"state": mail.get_state_display()})
    before = mail.state
    mail.state, mail.next_attempt_at, mail.attempts, mail.problem = Mail.State.READY, at, 0, ""
    mail.save(update_fields=["state", "next_attempt_at", "attempts", "problem"])
    record("send_again", mail, by=by, at=at, before={"state": before}, after={"to": mail.recipient})
    hint("roles.tasks.send_mails")
    return mail
