"""Briefs: when they are made, for whom, and the making itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from listening.briefs import gather, next_moment, readers, stop_key, tell, weekdays_in_order
from listening.models import Brief, BriefPlan, BriefReader
from roles.actions.mail import write_mail
from roles.audit import record
from roles.links import inside_address, outside_address
from roles.models import Department, Member, Organization
from roles.permissions import allowed
from roles.speaking import by_language, in_words_for
from roles.tenancy import active_organization

# A brief tells of a month at most; what is older, because the installation was down, stands in the stream.
LONGEST = timedelta(days=31)
FIRST = timedelta(days=7)  # how far the first one looks back


@allowed("listening.manage_briefs")
@transaction.atomic
def plan_briefs(
    organization: Organization,
    *,
    department: Department | None,
    weekdays: Sequence[int],
    at_time: time,
    is_active: bool = True,
    by: Member | None,
    at: datetime,
) -> BriefPlan:
    """Say on which days (0 is Monday) and at what time a department's booth gets its brief."""
    days = weekdays_in_order(weekdays)
    if not days:
        raise ValidationError({"weekdays": _("Choose at least one day.")})
    zone = organization.zone
    moment = next_moment(days, at_time, zone=zone, after=at)
    fresh = BriefPlan(department=department, weekdays=days, at_time=at_time, next_at=moment, made_to=at - FIRST)
    BriefPlan.objects.bulk_create([fresh], ignore_conflicts=True)
    plan = BriefPlan.objects.select_for_update(of=("self",)).get(department=department)
    before = _said(plan)
    plan.weekdays, plan.at_time, plan.is_active, plan.next_at = days, at_time, is_active, moment
    plan.save(update_fields=["weekdays", "at_time", "is_active", "next_at"])
    record("plan_briefs", plan, by=by, at=at, before=before, after=_said(plan))
    return plan


def _said(plan: BriefPlan) -> dict[str, object]:
    return {"weekdays": plan.weekdays, "time": plan.at_time.strftime("%H:%M"), "active": plan.is_active}


@allowed("listening.read_briefs")
@transaction.atomic
def choose_briefs(plan: BriefPlan, *, wants_it: bool, by: Member, at: datetime) -> None:
    """Say whether one wants the briefs of a plan by e-mail."""
    BriefReader.objects.update_or_create(plan=plan, member=by, defaults={"wants_it": wants_it})
    record("choose_briefs", plan, by=by, at=at, after={"wants_it": wants_it})


@allowed("listening.manage_briefs")
@transaction.atomic
def make_brief(plan: BriefPlan, *, by: Member | None, at: datetime) -> Brief:
    """Make the brief of what was said since the last one and mail it; a quiet time makes a brief and no mail."""
    plan = BriefPlan.objects.select_for_update(of=("self",)).select_related("department").get(pk=plan.pk)
    since = max(plan.made_to, at - LONGEST)
    if since >= at:
        raise ValidationError(_("A brief was made just now."))
    content = gather(plan.department, since=since, until=at)
    brief = Brief.objects.create(plan=plan, department=plan.department, since=since, until=at, content=content)
    zone = active_organization().zone
    plan.made_to, plan.next_at = at, next_moment(plan.weekdays, plan.at_time, zone=zone, after=at)
    plan.save(update_fields=["made_to", "next_at"])
    if not brief.is_quiet:
        to = readers([plan])[plan.pk]
        for alike in by_language(to):
            said = tell(content)
            for member in alike:
                _mail(brief, plan, member, said, at=at)
        brief.sent_to = len(to)
        brief.save(update_fields=["sent_to"])
    record("make_brief", brief, by=by, at=at, after={"mentions": content["mentions"], "sent_to": brief.sent_to})
    return brief


def _mail(brief: Brief, plan: BriefPlan, member: Member, said: dict[str, Any], *, at: datetime) -> None:
    where = str(plan)
    stop = outside_address("listening:stop_briefs", stop_key(plan, member))
    with in_words_for(member):
        write_mail(
            member,
            key=f"brief {brief.pk}",
            kind="brief",
            subject=_("%(organization)s: what was said, for %(where)s")
            % {"organization": active_organization(), "where": where},
            template="listening/mail/brief",
            context={
                "brief": brief,
                "said": said,
                "plan": plan,
                "action_url": inside_address("listening:brief", brief.pk),
                "action_label": _("Read it in Touchline"),
                "stop_url": stop,
            },
            unsubscribe_url=stop,
            at=at,
        )


def make_due_briefs(*, at: datetime) -> int:
    """Make the briefs of the active organization whose time has come, each once; returns how many."""
    made = 0
    due = BriefPlan.objects.filter(Q(is_active=True), next_at__lte=at).order_by("next_at", "pk")
    for key in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            plan = due.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
            if plan is not None:
                make_brief(plan, by=None, at=at)
                made += 1
    return made
