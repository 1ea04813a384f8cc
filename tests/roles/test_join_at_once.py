"""One invitation, accepted in two windows in the same moment: one membership, and a clear word for the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from roles import clock
from roles.actions import invitations
from roles.actions.invitations import invite
from roles.models import AuditEntry, Invitation, Member, Position, Role, User
from roles.tenancy import acting_for
from tests.cast import PASSWORD, Cast, assemble

NEW = "nora@example.org"


@pytest.fixture
def really(transactional_db: None) -> Iterator[Cast]:
    """A cast whose rows other connections see."""
    cast = assemble()
    with acting_for(cast.organization):
        yield cast


def link_for(cast: Cast, email: str = NEW) -> str:
    _, link = invite(cast.care, email=email, role=Role.RESPONDER, by=cast.olga, at=clock.now())
    return "/invitations/" + link.partition("/invitations/")[2]


def at_once(*posts: Callable[[], Any]) -> list[Any]:
    """What was answered to each, sent from threads with connections of their own."""
    answers: list[Any] = []

    def work(post: Callable[[], Any]) -> None:
        try:
            answers.append(post())
        except BaseException as problem:
            answers.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=work, args=[post]) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(posts) and not [one for one in answers if isinstance(one, BaseException)], answers
    return answers


def together(monkeypatch: Any, place: Any, name: str) -> None:
    """Let two come to a place before either goes on."""
    gate, really_do = Barrier(2, timeout=20), getattr(place, name)

    def do(*args: Any, **said: Any) -> Any:
        gate.wait()
        return really_do(*args, **said)

    monkeypatch.setattr(place, name, do)


def test_two_windows_make_one_person(really: Cast, monkeypatch: Any) -> None:
    link = link_for(really)
    together(monkeypatch, User.objects, "create_user")
    said = {"name": "Nora", "password": "a-good-long-one-7"}
    answers = at_once(*(lambda: Client().post(link, said) for _window in range(2)))
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    [refused] = [answer for answer in answers if answer.status_code == 422]
    assert "There is an account for this address already. Sign in to accept." in refused.content.decode()
    nora = Member.objects.get(user__email=NEW)
    assert [position.role for position in Position.objects.filter(member=nora)] == [Role.RESPONDER]
    assert User.objects.filter(email=NEW).count() == AuditEntry.objects.filter(verb="accept_invitation").count() == 1


def test_two_clicks_of_somebody_known_join_once(really: Cast, monkeypatch: Any) -> None:
    user = User.objects.create_user("known@example.org", PASSWORD, name="Known")
    link, windows = link_for(really, user.email), [Client(), Client()]
    for window in windows:
        window.force_login(user)
    together(monkeypatch, invitations, "hold_team")
    answers = at_once(*(lambda window=window: window.post(link) for window in windows))
    assert sorted(answer.headers["Location"] for answer in answers) == [link, "/o/acme/"]
    later = next(window for window, answer in zip(windows, answers, strict=True) if answer.headers["Location"] == link)
    told = later.get(link)
    assert told.status_code == 410 and "This invitation was used" in told.content.decode()
    assert Member.objects.filter(user=user).count() == Position.objects.filter(member__user=user).count() == 1
    assert AuditEntry.objects.filter(verb="accept_invitation").count() == 1
    assert Invitation.objects.get().accepted_at is not None
