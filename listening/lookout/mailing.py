"""Mails about warnings, each written once for each coach in the transaction of what it tells of."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from listening.models import EarlyWarning
from roles.actions.mail import write_mail
from roles.models import Mail, Member
from roles.speaking import in_words_for
from roles.tenancy import active_organization

SALT = "touchline.acknowledge"
LINK_LIVES = timedelta(days=3)
# When so many were raised within this time, one mail says that there are several, and one more in the next stretch.
MANY, STRETCH = 3, timedelta(minutes=15)


def tell(warning: EarlyWarning, coaches: list[Member], *, at: datetime) -> None:
    """Write to each coach, or, where many warnings come at once, once about all of them."""
    lately = EarlyWarning.objects.open().filter(detected_at__gt=at - STRETCH).newest_first()
    if len(lately[: MANY + 1]) > MANY:
        _tell_of_many(list(lately[:20]), coaches, at=at)
        return
    for member in coaches:
        with in_words_for(member):
            write_mail(
                member,
                key=key_of(warning),
                kind="warning",
                subject=_("%(severity)s: %(warning)s")
                % {"severity": warning.get_severity_display(), "warning": warning},
                template="listening/mail/warning",
                context={
                    "warning": warning,
                    "url": _here(f"warnings/{warning.pk}/"),
                    "action_url": f"{settings.SITE_URL}/warnings/acknowledge/{token(warning, member)}/",
                    "action_label": _("I am on it"),
                },
                at=at,
            )


def _tell_of_many(warnings: list[EarlyWarning], coaches: list[Member], *, at: datetime) -> None:
    for member in coaches:
        with in_words_for(member):
            write_mail(
                member,
                key=f"warnings {int(at.timestamp() // STRETCH.total_seconds())}",
                kind="warning",
                subject=_("Many warnings at once at %(organization)s") % {"organization": active_organization()},
                template="listening/mail/warnings",
                context={
                    "warnings": warnings,
                    "action_url": _here("warnings/"),
                    "action_label": _("See the warnings"),
                },
                at=at,
            )


def mails_of(warning: EarlyWarning) -> list[Mail]:
    """Return the mails that told of it."""
    return list(Mail.objects.filter(key=key_of(warning)).select_related("member__user").order_by("pk"))


def key_of(warning: EarlyWarning) -> str:
    """Return the key under which a coach is told of it at most once."""
    return f"warning {warning.pk}"


def _here(path: str) -> str:
    """A page of the organization, as it is reached from a mail."""
    return f"{settings.SITE_URL}/o/{active_organization().slug}/{path}"


def token(warning: EarlyWarning, member: Member) -> str:
    """Return what lets one member acknowledge one warning, for some days and for nothing else."""
    return signing.dumps([active_organization().pk, warning.pk, member.pk], salt=SALT)


def read_token(value: str) -> tuple[int, int, int]:
    """Return (organization, warning, member) of a link; raises django.core.signing.BadSignature."""
    organization, warning, member = signing.loads(value, salt=SALT, max_age=LINK_LIVES)
    return int(organization), int(warning), int(member)
