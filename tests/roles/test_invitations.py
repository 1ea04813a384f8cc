"""Coming in by a link: who may ask whom in, and what the link does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from roles import clock
from roles.actions.invitations import accept_invitation, invite, withdraw_invitation
from roles.actions.people import deactivate_member, take_position
from roles.models import AuditEntry, Invitation, Member, Role, User
from tests.cast import PASSWORD, Cast, join

NEW = "nora@example.org"


def asked(cast: Cast, **fields: Any) -> tuple[Invitation, str]:
    fields = {"email": NEW, "role": Role.RESPONDER, "by": cast.olga, "at": clock.now(), **fields}
    invitation, link = invite(fields.pop("where", cast.care), **fields)
    return invitation, link.partition("8000")[2] or link


def test_an_owner_asks_in_and_the_link_is_shown_once(
    acme: Cast, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = sign_in(acme.olga)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            "/o/acme/team/invitations/invite/", {"email": NEW, "role": "responder", "department": acme.care.pk}
        )
    text = answer.content.decode()
    found = re.search(r"/invitations/([\w-]{40,})/", text)
    assert answer.status_code == 200 and found and answer.headers["Cache-Control"] == "no-store"
    token = found[1]
    assert token not in client.get("/o/acme/team/invitations/").content.decode()
    assert token not in str(list(AuditEntry.objects.values())) and token not in str(list(Invitation.objects.values()))
    assert [message.to for message in mail.outbox] == [[NEW]]
    assert token in mail.outbox[0].body and "Customer care" in mail.outbox[0].body
    html = mail.outbox[0].alternatives[0].content
    assert token in html and "Customer care" in html and "Olga invites you to Acme" in html


def test_a_name_is_only_a_name_in_the_mail(acme: Cast, django_capture_on_commit_callbacks: Any) -> None:
    acme.olga.user.name = "<b>Olga</b>\nBcc: all@example.org"
    acme.olga.user.save()
    with django_capture_on_commit_callbacks(execute=True):
        asked(acme)
    message = mail.outbox[0]
    assert "\n" not in message.subject and "<b>" in message.body
    assert "<b>" not in message.alternatives[0].content


def test_a_new_person_comes_in(acme: Cast) -> None:
    _, link = asked(acme)
    client = Client()
    page = client.get(link).content.decode()
    assert "Olga" in page and "Acme" in page and "Customer care" in page and NEW in page
    assert client.post(link, {"name": "Nora", "password": "12345678"}).status_code == 422
    assert not User.objects.filter(email=NEW).exists()
    answer = client.post(link, {"name": "Nora", "password": "a-good-long-one-7"})
    assert answer.headers["Location"] == "/o/acme/"
    assert client.get("/o/acme/team/").status_code == 200
    nora = Member.objects.get(user__email=NEW)
    assert [str(position) for position in nora.positions.all()] == ["Frontline responder, Customer care"]
    entry = AuditEntry.objects.get(verb="accept_invitation")
    assert entry.by == nora and "a-good-long-one-7" not in str(entry.after)
    assert Client().get(link).status_code == 410


def test_somebody_with_an_account_signs_in_and_accepts(acme: Cast) -> None:
    user = User.objects.create_user("known@example.org", PASSWORD, name="Known")
    _, link = asked(acme, email="Known@Example.org")
    client = Client()
    assert "Sign in to accept" in client.get(link).content.decode()
    assert client.post(link, {"name": "X", "password": "another-long-one-7"}).status_code == 403
    answer = client.post(f"/accounts/login/?next={link}", {"login": user.email, "password": PASSWORD, "next": link})
    assert answer.headers["Location"] == link
    assert "Accept" in client.get(link).content.decode()
    assert client.post(link).headers["Location"] == "/o/acme/"
    assert Member.objects.get(user=user).roles == {Role.RESPONDER}


def test_the_link_of_another_cannot_be_used(acme: Cast, sign_in: Any) -> None:
    _, link = asked(acme)
    client = sign_in(acme.sam)
    assert NEW in client.get(link).content.decode()
    assert client.post(link).status_code == 403
    assert not Member.objects.filter(user=acme.sam.user).exists()


@pytest.mark.parametrize(("state", "words"), [("expired", "has ended"), ("withdrawn", "was withdrawn")])
def test_a_closed_link_says_why(acme: Cast, state: str, words: str) -> None:
    now = clock.now()
    invitation, link = asked(acme, at=now - timedelta(days=8) if state == "expired" else now)
    if state == "withdrawn":
        withdraw_invitation(invitation, by=acme.olga, at=now)
    answer = Client().get(link)
    assert answer.status_code == 410 and words in answer.content.decode()
    assert Client().post(link, {"name": "N", "password": "a-good-long-one-7"}).status_code == 410
    assert not User.objects.filter(email=NEW).exists()


def test_a_link_that_never_was(db: None) -> None:
    answer = Client().get("/invitations/never-was/")
    assert answer.status_code == 410 and "no such invitation" in answer.content.decode()


def test_only_owners_ask_owners_in(acme: Cast) -> None:
    with pytest.raises(PermissionDenied):
        asked(acme, where=acme.organization, role=Role.OWNER, by=acme.carla)
    asked(acme, where=acme.organization, role=Role.OWNER)
    with pytest.raises(ValidationError):
        asked(acme, where=acme.care, role=Role.OWNER)


def test_a_coach_of_one_department_asks_into_that_one(acme: Cast) -> None:
    cora = join("Cora", Role.COACH, acme.care)
    asked(acme, where=acme.care, by=cora)
    for where in (acme.press, acme.organization):
        with pytest.raises(PermissionDenied):
            asked(acme, where=where, by=cora)


def test_others_may_not_ask_anyone_in(acme: Cast, sign_in: Any) -> None:
    for who in (acme.rosa, acme.gita, acme.bodo, acme.elif_):
        with pytest.raises(PermissionDenied):
            asked(acme, by=who)
        assert sign_in(who).post("/o/acme/team/invitations/invite/", {"email": NEW}).status_code == 403
    assert sign_in(acme.sam).post("/o/acme/team/invitations/invite/", {"email": NEW}).status_code == 404
    assert sign_in(acme.olga).get("/o/acme/team/invitations/invite/").status_code == 405


def test_a_member_is_not_asked_in_again(acme: Cast) -> None:
    with pytest.raises(ValidationError):
        asked(acme, email="ROSA@example.org")


def test_a_second_link_ends_the_first(acme: Cast) -> None:
    _, first = asked(acme)
    _, second = asked(acme)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_withdrawing_over_the_page(acme: Cast, sign_in: Any) -> None:
    invitation, _ = asked(acme, where=acme.organization, role=Role.OWNER)
    address = f"/o/acme/team/invitations/{invitation.pk}/withdraw/"
    assert sign_in(acme.carla).post(address).status_code == 403
    assert sign_in(acme.olga).get(address).status_code == 405
    assert sign_in(acme.olga).post(address).status_code == 302
    invitation.refresh_from_db()
    assert invitation.withdrawn_at and AuditEntry.objects.filter(verb="withdraw_invitation").count() == 1


def test_who_left_comes_back_with_what_the_invitation_says_only(acme: Cast) -> None:
    now = clock.now()
    deactivate_member(acme.carla, by=acme.olga, at=now)
    invitation, _ = asked(acme, email=acme.carla.user.email, role=Role.GATHERER)
    member = accept_invitation(invitation, user=acme.carla.user, at=now)
    assert member.pk == acme.carla.pk and member.is_active
    assert [position.role for position in member.positions.all()] == [Role.GATHERER]


def test_what_a_member_asked_in_ends_when_they_leave(acme: Cast) -> None:
    _, link = asked(acme, by=acme.carla)
    deactivate_member(acme.carla, by=acme.olga, at=clock.now())
    assert Client().get(link).status_code == 410


def test_an_old_link_of_someone_who_may_not_invite_any_more_opens_nothing(acme: Cast) -> None:
    at = clock.now()
    second = join("Otto", Role.OWNER)
    invitation, link = asked(acme, where=acme.organization, role=Role.OWNER, by=second)
    take_position(second.positions.get(), by=acme.olga, at=at)
    answer = Client().post(link, {"name": "Nora", "password": "a-good-long-one-7"})
    assert answer.status_code == 422 and "may not do so any more" in answer.content.decode()
    assert not User.objects.filter(email=NEW).exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
