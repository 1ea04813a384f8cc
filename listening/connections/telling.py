"""Mails about connections, written once to each who can mend them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from listening.models import Connection
from roles.actions.mail import write_mail
from roles.models import Member
from roles.speaking import in_words_for
from roles.tenancy import active_organization

CAPABILITY = "listening.manage_connections"


def tell_who_can_mend(row: Connection, *, at: datetime) -> None:
    """Write that nothing goes through a connection, or that its network has not answered for long."""
    address = f"{settings.SITE_URL}/o/{active_organization().slug}/connections/{row.pk}/"
    for member in Member.objects.active().who_may(CAPABILITY).select_related("user"):
        with in_words_for(member):
            said = (
                _("“%(connection)s” has to be connected again")
                if row.is_withdrawn
                else _("“%(connection)s” is in trouble")
            )
            write_mail(
                member,
                key=f"connection {row.pk} {at:%Y-%m-%dT%H:%M:%S}",
                kind="connection",
                subject=said % {"connection": row},
                template="listening/mail/connection",
                context={"connection": row, "action_url": address, "action_label": _("See the connection")},
                at=at,
            )
