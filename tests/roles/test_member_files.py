"""Members from a file: tried first, errors by line, all or nothing, and nothing the second time."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from roles import clock
from roles.actions.custom_roles import compose_role
from roles.actions.invitations import accept_invitation
from roles.actions.member_files import Report, import_members
from roles.member_files import Unreadable, read
from roles.models import AuditEntry, Department, Invitation, Member, Position, Role, User
from roles.sheets import safe_cell
from roles.tenancy import acting_for
from tests.cast import Cast

FILE = """\
email,name,role,department,languages,skills,capacity,until
nora@example.org,Nora,responder,Customer care,"de, EN",billing,12,
nora@example.org,Nora,booth,,,,,2099-12-31
gita@example.org,Gita,Frontline responder,communications,,,5,
rosa@example.org,Rosa,responder,Customer care,,,7,
rui@example.org,Rui,responder,Customer care,,,,
"""


def take(acme: Cast, text: str, *, is_trial: bool = False, by: Member | None = None) -> Report:
    return import_members(acme.organization, lines=read(text), is_trial=is_trial, by=by or acme.olga, at=clock.now())


def does(report: Report) -> list[str]:
    return [one.does for one in report.outcomes]


def test_a_trial_writes_nothing_and_the_real_thing_all_and_the_second_time_nothing(acme: Cast) -> None:
    before = AuditEntry.objects.count()
    tried = take(acme, FILE, is_trial=True)
    assert does(tried) == ["invite", "invite", "give", "change", "nothing"] and not tried.is_written
    assert not Invitation.objects.exists() and AuditEntry.objects.count() == before
    assert Position.objects.get(member=acme.rosa).capacity == 20
    done = take(acme, FILE)
    assert does(done) == does(tried) and done.is_written
    assert Position.objects.get(member=acme.gita, role=Role.RESPONDER).department == acme.press
    assert Position.objects.get(member=acme.rosa).capacity == 7
    entries = AuditEntry.objects.count()
    again = take(acme, FILE)
    assert set(does(again)) == {"nothing"}
    assert AuditEntry.objects.count() == entries + 1, "only that somebody took the file over"
    assert Invitation.objects.count() == 2


def test_one_link_brings_all_that_is_offered(acme: Cast) -> None:
    take(acme, FILE)
    invitation = Invitation.objects.order_by("pk").first()
    assert invitation is not None
    user = User.objects.create_user("nora@example.org", "x", name="Nora")
    nora = accept_invitation(invitation, user=user, at=clock.now())
    care, booth = Position.objects.filter(member=nora).order_by("pk")
    assert (care.languages, care.skills, care.capacity) == (["de", "en"], ["billing"], 12)
    assert booth.role == Role.BOOTH and booth.ends_at is not None and booth.ends_at.year == 2099 + 1
    assert set(does(take(acme, FILE))) == {"nothing"}


def test_errors_by_line_and_nothing_is_written(acme: Cast) -> None:
    text = (
        "email;role;department;capacity;until\n"
        "not-an-address;responder;;;\n"
        "a@example.org;captain;;;\n"
        "b@example.org;responder;Nowhere;;\n"
        "c@example.org;responder;;many;\n"
        "d@example.org;responder;;;soon\n"
        "e@example.org;owner;Customer care;;\n"
        "f@example.org;responder;;;2001-01-01\n"
        "g@example.org;responder;Customer care;3;\n"
    )
    report = take(acme, text)
    assert does(report) == ["problem"] * 7 + ["invite"] and not report.is_written
    said = [one.said for one in report.problems]
    words = (
        "not an e-mail address",
        "no role “captain”",
        "no department “Nowhere”",
        "number from 0",
        "not a day",
        "owner",
        "passed",
    )
    assert all(word in line for word, line in zip(words, said, strict=True)), said
    assert [one.line.number for one in report.problems] == [2, 3, 4, 5, 6, 7, 8]
    assert not Invitation.objects.exists()


def test_what_is_no_such_file(acme: Cast) -> None:
    for text, reason in (
        ("", "empty"),
        ("name,role\nx,y", "email"),
        ("email,role\n" + "a@b.org,coach\n" * 501, "500 lines"),
    ):
        with pytest.raises(Unreadable, match=reason):
            read(text)


def test_over_the_page(acme: Cast, sign_in: Any, settings: Any) -> None:
    client = sign_in(acme.olga)
    address = "/o/acme/team/import/"
    assert client.post(address, {}).status_code == 422
    file = SimpleUploadedFile("people.csv", b"\xff\xfe\x00bad")
    assert client.post(address, {"file": file}).status_code == 422
    file = SimpleUploadedFile("people.csv", "\ufeff".encode() + FILE.encode())
    page = client.post(address, {"file": file}).content.decode()
    assert "This was a trial" in page and "2 invited" in page and not Invitation.objects.exists()
    page = client.post(address, {"text": FILE, "do": "on"}).content.decode()
    assert "It is done" in page and Invitation.objects.count() == 2 and "/invitations/" in page
    assert len(mail.outbox) <= 2


def test_what_is_taken_out_can_be_taken_over_and_runs_nothing(acme: Cast, sign_in: Any) -> None:
    User.objects.filter(pk=acme.rosa.user_id).update(name="=cmd|' /C calc'!A0")
    compose_role(acme.organization, name="+Voice", capabilities=["listening.read"], by=None, at=clock.now())
    answer = sign_in(acme.olga).get("/o/acme/team/export/")
    with acting_for(None):  # it is sent when nobody is acted for any more
        text = b"".join(answer.streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert set(does(take(acme, text))) == {"nothing"}
    assert AuditEntry.objects.filter(verb="export_members").count() == 1


def test_hostile_letters(acme: Cast, sign_in: Any) -> None:
    text = 'email,name,role\nx@example.org,"<script>alert(1)</script>",responder\n\x00,"\u202e",coach\n'
    page = sign_in(acme.olga).post("/o/acme/team/import/", {"text": text.replace("\x00", "")}).content.decode()
    assert "<script>alert" not in page


def test_who_may(acme: Cast, sign_in: Any, api: Any) -> None:
    for who in (acme.carla, acme.rosa, acme.bodo):
        assert sign_in(who).get("/o/acme/team/import/").status_code == 403
        assert sign_in(who).get("/o/acme/team/export/").status_code == 403
        assert api(who).post("/api/v1/members/import/", {"csv": FILE}).status_code == 403


def test_over_the_api(acme: Cast, api: Any) -> None:
    program = api(acme.olga)
    tried = program.post("/api/v1/members/import/", {"csv": FILE}).json()
    assert tried["is_written"] is False and [row["does"] for row in tried["outcomes"]][:2] == ["invite", "invite"]
    assert program.post("/api/v1/members/import/", {"csv": "x"}).status_code == 400
    done = program.post("/api/v1/members/import/", {"csv": FILE, "dry_run": False}).json()
    assert done["is_written"] is True and done["outcomes"][0]["link"].startswith("http")
    assert Department.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("email,role\na\rb,owner\n", "is not an e-mail address"),
        (f"email,role\n{'x' * 140_000},owner\n", "cannot be read as CSV"),
    ],
)
def test_what_no_reader_of_csv_takes_is_said(acme: Cast, sign_in: Any, text: str, says: str) -> None:
    answer = sign_in(acme.olga).post("/o/acme/team/import/", {"text": text})
    assert answer.status_code in {200, 422} and says in answer.content.decode()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "31.12.2027"])
def test_a_day_that_nobody_can_mean_is_wrong_in_its_line(acme: Cast, sign_in: Any, day: str) -> None:
    text = f"email,role,until\nnora@example.org,responder,{day}\n"
    answer = sign_in(acme.olga).post("/o/acme/team/import/", {"text": text})
    assert answer.status_code in {200, 422} and "is not a day" in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("capacity", ["9" * 5000, "1001", "-1", "٥", "1e3"])
def test_a_capacity_that_is_no_number_of_ours_is_wrong_in_its_line(acme: Cast, capacity: str) -> None:
    [line] = read(f"email,role,capacity\na@example.org,responder,{capacity}\n")
    assert line.problems == ["The capacity is a number from 0 to 1000."] and line.capacity == 20


def test_what_a_spreadsheet_must_not_run_comes_back_as_it_was(acme: Cast) -> None:
    for name in ("=1+1", " =1+1", "\u200b@x", "'quoted'", "plain"):
        [line] = read(f'email,role,name\na@example.org,responder,"{safe_cell(name)}"\n')
        assert line.name == name.strip()
