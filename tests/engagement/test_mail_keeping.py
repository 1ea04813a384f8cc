"""Mails that came go when their time has come, raw ones with them; the same mail again is still none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from engagement import inbox
from engagement.mail_keeping import forget_mails_of_nobody
from engagement.models import Assignment, IncomingMail, ReceivedMail
from engagement.tasks import take_mails
from listening.actions.retention import set_retention
from listening.models import RetentionRule
from listening.retention import clean_up, due, retention_rules
from tests.cast import Cast

MAIL = b"From: %s\r\nTo: touchline@example.org\r\nSubject: Re\r\nMessage-ID: <%d@example.org>\r\n\r\nFriday.\r\n"


def came(number: int, *, sender: str = "bodo@example.org", at: datetime) -> bool:
    return inbox.store(MAIL % (sender.encode(), number), sender=sender, recipient="touchline@example.org", at=at)


def rule() -> RetentionRule:
    return next(rule for rule in retention_rules() if rule.kind == RetentionRule.Kind.MAILS)


def test_they_go_with_the_others_by_kind_and_days(acme: Cast, claimed: Callable[..., Assignment], at: datetime) -> None:
    old = at - timedelta(days=91)
    came(1, at=old)
    came(2, at=old)
    came(3, at=at)
    take_mails()
    settled, waiting, young = ReceivedMail.objects.order_by("pk")
    ReceivedMail.objects.filter(pk__in=[settled.pk, young.pk]).update(state="put_aside")
    assert due(rule(), at=at).count == 1
    assert clean_up(at=at) == 1
    assert list(ReceivedMail.objects.order_by("pk")) == [waiting, young]
    gone = IncomingMail.objects.order_by("pk")[0]
    assert (bytes(gone.raw), gone.sender) == (b"", None)
    assert not came(1, at=at) and IncomingMail.objects.count() == 3
    assert clean_up(at=at + timedelta(days=2)) == 0
    assert rule().cleaned_count == 1


def test_they_stay_where_the_owner_says_for_ever(acme: Cast, at: datetime) -> None:
    came(1, at=at - timedelta(days=900))
    take_mails()
    ReceivedMail.objects.update(state="automatic")
    set_retention(acme.organization, kind="mails", days=None, by=acme.olga, at=at)
    assert clean_up(at=at) == 0
    set_retention(acme.organization, kind="mails", days=365, by=acme.olga, at=at)
    assert clean_up(at=at) == 1


def test_mails_of_nobody_are_emptied_after_a_month(acme: Cast, at: datetime) -> None:
    came(1, sender="stranger@example.net", at=at)
    take_mails()
    assert forget_mails_of_nobody(at=at + timedelta(days=29)) == 0
    assert forget_mails_of_nobody(at=at + timedelta(days=31)) == 1
    assert bytes(IncomingMail.objects.get().raw) == b"" and forget_mails_of_nobody(at=at + timedelta(days=32)) == 0


def test_the_page_and_the_api_show_it(acme: Cast, sign_in: Any, api: Any) -> None:
    page = sign_in(acme.olga).get("/o/acme/retention/").content.decode()
    assert "Mails that came" in page and "once somebody has settled them" in page
    kinds = [row["kind"] for row in api(acme.olga).get("/api/v1/retention-rules/").json()]
    assert "mails" in kinds
