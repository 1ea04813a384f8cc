"""The sweeps of report mails and of results killed in between: nothing is lost, and nothing is there twice."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from engagement.models import Reply, ReplyResult
from engagement.results import reply_results
from listening.models import PracticeAccount
from listening.practice_field.actions import post
from listening.way_out.results import LEASE, ResultLooks
from measurement.actions import report_mails
from measurement.actions.reports import compose_report
from measurement.models import ReportPicture
from roles.models import AuditEntry, Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast, assemble
from tests.faults.deliver_and_die import after, die
from tests.faults.forked import killed

NOW = datetime(2026, 4, 6, 7, tzinfo=UTC)  # a Monday


@pytest.fixture
def acme(transactional_db: None) -> Any:
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


@pytest.mark.parametrize("step", ["tell", "as_pictures", "write_mail", "record"])
def test_a_report_whose_worker_is_killed_is_mailed_once_to_each(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    asked: dict[str, Any] = {"weekdays": [0], "at_time": time(7), "by": acme.carla, "at": NOW - timedelta(days=1)}
    row = compose_report(
        acme.organization, name="Board", period="days7", blocks=[{"kind": "hour"}, {"kind": "mentions"}],
        readers=[acme.elif_, acme.olga], **asked,
    )  # fmt: skip
    behind = compose_report(acme.organization, name="Behind", period="days7", blocks=[{"kind": "kpis"}], **asked)
    with monkeypatch.context() as patch:
        patch.setattr(report_mails, step, after(getattr(report_mails, step)))
        assert killed(lambda: report_mails.send_due_reports(at=NOW)), "the worker lived"
    assert not Mail.objects.filter(kind="report").exists() and not ReportPicture.objects.exists()
    row.refresh_from_db()
    again = NOW + report_mails.FIRST_WAIT
    assert (row.next_at, row.due_since, row.failures) == (again, NOW, 1), "it is due since then, and tried later"
    assert report_mails.send_due_reports(at=NOW) == 1, "what lies behind it does not wait"
    behind.refresh_from_db()
    assert behind.next_at == NOW + timedelta(days=7) and not Mail.objects.exists()
    assert [report_mails.send_due_reports(at=again) for _look in range(2)] == [1, 0]
    assert sorted(str(mail.member) for mail in Mail.objects.filter(kind="report")) == ["Elif", "Olga"]
    assert AuditEntry.objects.filter(verb="send_report").count() == 1
    row.refresh_from_db()
    assert (row.next_at, row.failures, row.problem) == (NOW + timedelta(days=7), 0, "")


def told(acme: Cast) -> ReplyResult:
    """A reply on the practice field that was answered twice, and of which that is to be asked."""
    ours = PracticeAccount.objects.create(handle="acme", name="Acme", is_ours=True)
    ada = PracticeAccount.objects.create(handle="ada", name="Ada")
    channel = factories.channel(handle="acme", account_id=str(ours.pk))
    begun = NOW - timedelta(hours=1)
    said = post(ours, text="Here we are.", by=None, at=begun)
    for text in ("Thanks", "Really"):
        post(ada, text=text, by=None, at=begun, in_reply_to=said)
    row = factories.assignment(department=acme.care, at=begun)
    made = Reply.objects.create(
        assignment=row, post=row.mention.post, channel=channel, by=acme.rosa, owner=acme.rosa, text="Here we are.",
        key="one", state="accepted", assignment_version=0, written_at=begun, next_attempt_at=begun,
        remote_id=str(said.pk), accepted_at=begun,
    )  # fmt: skip
    found: ReplyResult = ReplyResult.objects.create(reply=made, next_look_at=NOW)
    return found


@pytest.mark.parametrize(("step", "is_done"), [("_hold", False), ("_keep", False), ("_keep", True)])
def test_results_whose_worker_is_killed_are_asked_for_again(
    acme: Cast, monkeypatch: pytest.MonkeyPatch, step: str, is_done: bool
) -> None:
    row = told(acme)

    def look(at: datetime) -> int:
        with acting_for(None):
            return reply_results.look(now=lambda: at)

    with monkeypatch.context() as patch:
        patch.setattr(ResultLooks, step, after(getattr(ResultLooks, step)) if is_done else die)
        assert killed(lambda: look(NOW)), "the worker lived"
    row.refresh_from_db()
    assert row.answers == (2 if is_done else None), "all or nothing"
    assert look(NOW) == 0, "the dead one still holds it, or it is done"
    assert look(NOW + LEASE) == (0 if is_done else 1)
    row.refresh_from_db()
    assert (row.answers, row.failures, row.problem) == (2, 0, "")
    assert row.next_look_at == NOW + timedelta(hours=5)
