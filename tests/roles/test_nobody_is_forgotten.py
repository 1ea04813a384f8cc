"""Every place where a row names a person is decided about: handed over, theirs, or what happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError

from engagement.actions.consults import consult
from engagement.actions.rules import add_rule
from engagement.models import Consult
from maturity.models import BudgetedTime, Presence, SurgePart, SurgePlan
from measurement.actions.returns import add_kpi, drop_kpi
from roles import clock
from roles.actions.absences import plan_absence
from roles.actions.handover import hand_over_everything
from roles.actions.people import deactivate_member, go_away, set_on_call
from roles.belongings import belongings, left_alone
from roles.models import Absence, Member
from tests import factories
from tests.cast import Cast

# It says who did something: that stays true.
HISTORY = "history"
# It is about the person, or for them alone: it goes with them.
THEIRS = "theirs"
# For each column that names a person: the kind under which it is handed over, or why it is not.
DECIDED = {
    "content.Campaign": {"created_by": HISTORY},
    "content.FirstComment": {"owner": "first_comments"},
    "content.Comment": {"by": HISTORY, "resolved_by": HISTORY},
    "content.Idea": {"noted_by": HISTORY, "settled_by": HISTORY},
    # What was promised for a channel is the organization's, whoever said it.
    "content.CadenceCommitment": {"promised_by": HISTORY},
    "content.CalendarFeed": {"member": THEIRS, "made_by": HISTORY},
    "content.Slot": {"created_by": HISTORY},
    "content.Media": {"made_by": HISTORY},
    "content.Piece": {"author": "pieces", "saved_by": HISTORY},
    "content.PieceDraft": {"member": THEIRS},
    "content.PieceVersion": {"by": HISTORY},
    "content.Publication": {"planned_by": "plans", "owner": "publications"},
    # Reviews: who is named in a step is handed over; what was said stays said.
    "content.Review": {"asked_by": HISTORY},
    "content.ReviewDecision": {"by": HISTORY},
    "content.ReviewGuest": {"asked_by": HISTORY},
    # It is about what somebody writes.
    "content.ReviewPolicy": {"author": THEIRS},
    "content.ReviewPolicyStep": {"member_ids": "review_steps"},
    "content.ReviewStep": {"member_ids": "reviews", "member_ids_meant": "reviews"},
    "content.Series": {"created_by": HISTORY},
    "content.TrackedLink": {"made_by": HISTORY},
    # A file on its way in that nobody goes on with goes away after a day.
    "content.Upload": {"begun_by": THEIRS},
    "engagement.Approval": {"member_ids": "approvals", "member_ids_meant": "approvals"},
    "engagement.ApprovalDecision": {"by": HISTORY},
    "engagement.ApprovalStep": {"member_ids": "approval_steps"},
    "engagement.Assignment": {"member": "assignments"},
    "engagement.AssignmentNote": {"by": HISTORY},
    "engagement.Consult": {"asked_by": "asked", "deputy": "deputies"},
    "engagement.ConsultRequest": {"member": "questions"},
    # Who spoke with an author before is asked first, as long as they are there.
    "engagement.Contact": {"member": HISTORY},
    # A shared draft stands beside its assignment and goes with it; another is nobody else's.
    "engagement.Draft": {"member": THEIRS, "by": HISTORY},
    "engagement.DraftVersion": {"by": HISTORY},
    "engagement.FollowUp": {"by": "follow_ups"},
    "engagement.Joining": {"by": HISTORY},
    "engagement.NoteAddressee": {"member": THEIRS},
    "engagement.ReceivedMail": {"settled_by": HISTORY},
    "engagement.Reply": {"by": HISTORY, "owner": "deliveries"},
    "engagement.RoutingRule": {"member": "rules", "consult_member": "rules"},
    "engagement.RuleSetVersion": {"by": HISTORY},
    "engagement.Satisfaction": {"by": HISTORY},
    # All coaches look after saved replies together.
    "engagement.SavedReply": {"by": HISTORY},
    "engagement.SavedReplyVersion": {"by": HISTORY},
    # Every coach and owner may lift a stop.
    "engagement.SendingStop": {"by": HISTORY, "lifted_by": HISTORY},
    "engagement.Starter": {"owner": "starters"},
    "engagement.TargetEvent": {"member": HISTORY},
    # Who gets a brief follows from positions; this only says who wants another.
    "listening.BriefReader": {"member": THEIRS},
    "listening.BulkDecision": {"by": HISTORY},
    "listening.Column": {"member": THEIRS},
    # What the organization connected stays connected.
    "listening.Connection": {"created_by": HISTORY},
    "listening.Correction": {"by": HISTORY},
    "listening.EarlyWarning": {"acknowledged_by": "warnings", "closed_by": HISTORY, "raised_by": HISTORY},
    "listening.Insight": {"filed_by": HISTORY},
    "listening.KnownEvent": {"created_by": HISTORY},
    "listening.LearnedModel": {"by": HISTORY},
    "listening.LookBack": {"asked_by": HISTORY},
    "listening.Mention": {"triaged_by": HISTORY},
    "listening.NetworkSignIn": {"member": THEIRS},
    "listening.NoticeAddress": {"member": THEIRS},
    "listening.OutboundWebhook": {"created_by": HISTORY},
    # What is shared has no owner.
    "listening.SavedFilter": {"owner": THEIRS, "created_by": HISTORY},
    # Those who listen keep sources, queries and topics together.
    "listening.Source": {"created_by": HISTORY},
    "listening.Story": {"followed_by": HISTORY},
    "listening.Topic": {"created_by": HISTORY},
    "listening.TrackingQuery": {"created_by": HISTORY},
    "listening.VenueMap": {"asked_by": HISTORY},
    "maturity.Acknowledgement": {"member": THEIRS},
    "maturity.Assessment": {"assessed_by": HISTORY},
    # An attestation lapses on its day, whoever gave it.
    "maturity.Attestation": {"attested_by": HISTORY, "withdrawn_by": HISTORY},
    "maturity.BudgetedTime": {"member": "hours"},
    "maturity.CadenceSetting": {"member": THEIRS},
    "maturity.Canvas": {"changed_by": HISTORY},
    # Every coach may end a drill; a score is what somebody judged.
    "maturity.Drill": {"started_by": HISTORY, "written_by": HISTORY},
    "maturity.DrillLine": {"judged_by": HISTORY},
    "maturity.DutyNote": {"noted_by": HISTORY},
    "maturity.Effort": {"noted_by": HISTORY},
    # What somebody knows goes with them; lists show those who are here.
    "maturity.Expert": {"member": THEIRS, "noted_by": HISTORY},
    "maturity.GapReport": {"reported_by": HISTORY, "closed_by": HISTORY},
    "maturity.Goal": {"owner": "goals", "set_by": HISTORY},
    "maturity.GuidelineAddress": {"opened_by": HISTORY, "revoked_by": HISTORY},
    "maturity.GuidelineVersion": {"by": HISTORY},
    "maturity.HuddleEntry": {"noted_by": HISTORY},
    "maturity.HuddleReader": {"member": THEIRS},
    "maturity.LastSign": {"member": THEIRS},
    "maturity.MeasuredTime": {"member": THEIRS},
    "maturity.Presence": {"member": "presences", "noted_by": HISTORY},
    "maturity.ReadingReminder": {"member": THEIRS},
    "maturity.StepDone": {"confirmed_by": HISTORY},
    # Of plans that are to come; what is in force ends by itself.
    "maturity.SurgePart": {"member": "surges"},
    "maturity.SurgePlan": {"planned_by": HISTORY, "on_by": HISTORY, "off_by": HISTORY},
    "maturity.TimeEntry": {"member": THEIRS},
    "maturity.Training": {"member": THEIRS},
    "measurement.Annotation": {"noted_by": HISTORY},
    # What was stated is never changed.
    "measurement.Assumption": {"stated_by": HISTORY},
    "measurement.Kpi": {"owner": "kpis", "added_by": HISTORY},
    "measurement.Report": {"owner": "reports", "composed_by": HISTORY},
    "measurement.ReportAddress": {"opened_by": HISTORY, "revoked_by": HISTORY},
    # Who leaves gets no more of them.
    "measurement.ReportReader": {"member": THEIRS},
    "measurement.ReportSetting": {"changed_by": HISTORY},
    "roles.Absence": {"member": THEIRS, "stand_in": "absences"},
    # Revoked when they leave.
    "roles.ApiToken": {"member": THEIRS},
    "roles.AuditEntry": {"by": HISTORY},
    "roles.EarlyOpening": {"opened_by": HISTORY, "closed_by": HISTORY},
    "roles.IdempotencyKey": {"member": THEIRS},
    # Withdrawn when they leave.
    "roles.Invitation": {"invited_by": THEIRS},
    "roles.Mail": {"member": THEIRS},
    # Also whether they are on call, which is no key but a duty.
    "roles.Member": {"user": THEIRS, "stand_in": "absences", "is_on_call": "on_call"},
    "roles.PlannedPosition": {"member": THEIRS},
    "roles.Position": {"member": THEIRS},
    "roles.TimeBlock": {"member": THEIRS},
}


def named_in_the_database() -> set[tuple[str, str]]:
    """Every column of ours that holds a person: a key, or a list of keys by its name."""
    found = set()
    ours = {"maturity", "measurement", "content", "engagement", "listening", "roles"}
    for model in apps.get_models():
        if model._meta.app_label not in ours:
            continue
        for field in model._meta.concrete_fields:
            is_key = field.is_relation and field.related_model._meta.label in {"roles.Member", "roles.User"}  # type: ignore[union-attr]
            is_list = isinstance(field, ArrayField) and field.name.startswith("member")
            if is_key or is_list:
                found.add((model._meta.label, field.name))
    return found


def test_each_column_that_names_a_person_is_decided_about() -> None:
    decided = {(label, name) for label, columns in DECIDED.items() for name in columns}
    assert named_in_the_database() - decided == set(), "say here what becomes of it, or hand it over"
    assert decided - named_in_the_database() == {("roles.Member", "is_on_call")}
    kinds = {kind.name for kind in belongings()}
    assert {said for columns in DECIDED.values() for said in columns.values()} - {HISTORY, THEIRS} == kinds


@pytest.fixture
def at() -> datetime:
    return clock.now()


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


def test_being_on_call(acme: Cast, at: datetime) -> None:
    set_on_call(acme.carla, is_on_call=True, by=acme.olga, at=at)
    with pytest.raises(ValidationError, match="Being on call"):
        deactivate_member(acme.carla, by=acme.olga, at=at)
    acme.gita.positions.update(role="coach")
    assert left_alone(fresh(acme.carla)) == [], "the other coach would be told"
    hand_over_everything(fresh(acme.carla), to={"on_call": fresh(acme.gita)}, leaves=True, by=acme.olga, at=at)
    assert fresh(acme.gita).is_on_call and not fresh(acme.carla).is_on_call


def test_deputies_and_those_who_stand_in(acme: Cast, at: datetime) -> None:
    row = factories.assignment(department=acme.care, member=acme.rosa, at=at)
    consult(row, question="Is it safe?", to=[acme.bodo], deputy=acme.elif_, by=acme.rosa, at=at)
    days = {"begins_at": at + timedelta(days=3), "ends_at": at + timedelta(days=9)}
    plan_absence(acme.gita, **days, stand_in=acme.elif_, by=acme.gita, at=at)
    go_away(acme.rui, until=at + timedelta(days=2), stand_in=acme.elif_, by=acme.rui, at=at)
    to = {"deputies": acme.bodo, "absences": acme.gita}
    moved = hand_over_everything(acme.elif_, to=to, leaves=True, by=acme.olga, at=at)
    assert moved == {"absences": 2, "deputies": 1}
    assert Consult.objects.get().deputy is None, "Bodo is asked already"
    assert fresh(acme.rui).stand_in == acme.gita
    assert Absence.objects.get(member=acme.gita).stand_in is None, "nobody stands in for themselves"


def test_a_link_stands_only_where_it_leads_somewhere(acme: Cast, at: datetime, sign_in: Any) -> None:
    add_rule(
        acme.care, name="To the booth", consult_member=acme.bodo, consult_question="Is it safe?", by=acme.carla, at=at
    )
    address = f"/o/acme/team/{acme.bodo.pk}/hand-over/"
    shown = [sign_in(one).get(address).content.decode() for one in (acme.bodo, acme.olga)]
    assert all("To the booth" in page for page in shown)
    assert ['href="/o/acme/rules/"' in page for page in shown] == [False, True]


def test_kpis(acme: Cast, at: datetime) -> None:
    said = {"kind": "engagement", "metric": "targets_met", "target": 0.9, "by": acme.carla, "at": at}
    kept, dropped = (add_kpi(acme.organization, name=name, owner=acme.rosa, **said) for name in ("In time", "Once"))
    drop_kpi(dropped, by=acme.carla, at=at)
    assert hand_over_everything(acme.rosa, to={"kpis": acme.elif_}, leaves=True, by=acme.olga, at=at) == {"kpis": 1}
    kept.refresh_from_db()
    assert kept.owner == acme.elif_


def test_what_the_playbook_plans_with_somebody(acme: Cast, at: datetime) -> None:
    for kind in Presence.Kind.values:
        Presence.objects.create(kind=kind, name=kind, member=acme.rosa, noted_at=at, checked_at=at)
    hours = {"line": "engagement", "department": acme.care}
    for activity in ("monitoring", "responding"):
        BudgetedTime.objects.create(member=acme.rosa, activity=activity, hours=4, **hours)
    BudgetedTime.objects.create(member=acme.carla, activity="monitoring", hours=2, **hours)
    plans = [SurgePlan.objects.create(title=f"Plan {number}", planned_at=at) for number in range(2)]
    for plan in plans:
        SurgePart.objects.create(plan=plan, member=acme.rosa)
    SurgePart.objects.create(plan=plans[0], member=acme.carla)
    assert {kind.name: count for kind, count in left_alone(acme.rosa)} == {"presences": 2, "surges": 2, "hours": 2}
    to = dict.fromkeys(("presences", "surges", "hours"), acme.carla)
    assert hand_over_everything(acme.rosa, to=to, leaves=True, by=acme.olga, at=at) == {
        "presences": 2, "surges": 2, "hours": 2,
    }  # fmt: skip
    assert Presence.objects.get(member=acme.rosa).kind == "employee", "that one is hers"
    assert {row.activity: row.hours for row in BudgetedTime.objects.filter(member=acme.carla)} == {
        "monitoring": 6, "responding": 4,
    }  # fmt: skip
    assert {part.plan_id for part in SurgePart.objects.filter(member=acme.carla)} == {plan.pk for plan in plans}
    moved: dict[str, Member | None] = dict.fromkeys(("surges", "hours"))
    hand_over_everything(acme.carla, to=moved, by=acme.olga, at=at)
    assert not SurgePart.objects.exists() and set(BudgetedTime.objects.values_list("member", flat=True)) == {None}
