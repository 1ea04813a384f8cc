"""Put a question to the booth, answer it, remind, ask the deputy, and close it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.actions.rows import hold, only_in
from engagement.changes import told
from engagement.consult_mail import ask_by_mail, tell_asker
from engagement.models import Assignment, Consult, ConsultPolicy, ConsultRequest, Pause
from engagement.promises import begin_pause, count_anew, end_pause
from engagement.refusals import Refusal
from engagement.waking import happened
from roles import clock
from roles.audit import record
from roles.business_hours import Calendars
from roles.live import look_again
from roles.models import Member, Organization
from roles.permissions import allowed, decide
from roles.speaking import filled
from roles.statements import by_key

State = Consult.State
Way = ConsultRequest.Way
QUESTION_LIMIT, ANSWER_LIMIT, MOST_ASKED = 2000, 10_000, 10


def policy() -> ConsultPolicy:
    """When people are reminded and replaced here; what nobody has changed is not a row."""
    return ConsultPolicy.objects.first() or ConsultPolicy()


@allowed("engagement.consult")
@transaction.atomic
def consult(
    assignment: Assignment, *, question: str, to: Sequence[Member], deputy: Member | None = None,
    needs_all: bool = False, by: Member | None, at: datetime,
) -> Consult:  # fmt: skip
    """Put a question about an assignment to one or several people, by mail and on their pages.

    The clock of the response target stands still meanwhile where the target says so. The same question again, while it
    waits, is the one that was asked.
    """
    question = question.strip()
    people = list({member.pk: member for member in to}.values())
    deputy = deputy or _stands_in(people, at=at)
    _sensible(question, people, deputy, by=by)
    row = hold(assignment, "engagement.consult", by=by)
    only_in(row, [Assignment.State.OPEN, Assignment.State.CLAIMED, Assignment.State.SNOOZED])
    same = row.consults.filter(question=question, asked_by=by, state=State.WAITING).first()
    if same is not None:
        return same
    made = Consult.objects.create(
        assignment=row, question=question, asked_by=by, asked_at=at, deputy=deputy, needs_all=needs_all
    )
    for member in people:
        _ask(made, member, at=at)
    begin_pause(row, why=Pause.Why.CONSULT, about=made.about, at=at)
    record("consult", made, by=by, at=at, after={"assignment": row.pk, "asked": [str(member) for member in people]})
    _changed(row, made, at=at)
    return made


def _stands_in(people: Sequence[Member], *, at: datetime) -> Member | None:
    """Who stands in for the one who is asked and away: a deputy that nobody had to name."""
    one = people[0] if len(people) == 1 else None
    if one is None or one.stand_in is None or one.is_available(at):
        return None
    return one.stand_in if decide(one.stand_in, "engagement.answer_consult") else None


def _sensible(question: str, people: Sequence[Member], deputy: Member | None, *, by: Member | None) -> None:
    if not question:
        raise ValidationError({"question": _("Write what you want to know.")})
    if len(question) > QUESTION_LIMIT:
        raise ValidationError(
            {"question": _("A question has at most %(limit)s characters.") % {"limit": QUESTION_LIMIT}}
        )
    if not people:
        raise ValidationError({"to": _("Choose whom to ask.")})
    if len(people) > MOST_ASKED:
        raise ValidationError({"to": _("Ask %(most)s people at most.") % {"most": MOST_ASKED}})
    for member in [*people, *([deputy] if deputy else [])]:
        if by is not None and member.pk == by.pk:
            raise ValidationError({"to": _("Ask somebody else than yourself.")})
        if not decide(member, "engagement.answer_consult"):
            raise ValidationError({"to": _("%(name)s cannot be asked.") % {"name": member}})
    if deputy is not None and deputy.pk in {member.pk for member in people}:
        raise ValidationError({"deputy": _("The deputy is somebody else than who is asked first.")})


def _ask(made: Consult, member: Member, *, at: datetime) -> ConsultRequest:
    request = ConsultRequest.objects.create(
        consult=made, member=member, asked_at=at, next_look_at=_after(made, policy().remind_after_minutes, at=at)
    )
    ask_by_mail(request, at=at)
    return request


def _after(made: Consult, minutes: int, *, at: datetime) -> datetime:
    """The moment so many minutes after `at`, in business hours of the assignment's department where that counts."""
    calendars = Calendars()
    hours = calendars.hours(calendars.of_department(made.assignment.department_id))
    try:
        return clock.due(at, minutes, hours=hours if policy().in_business_hours else clock.ALWAYS)
    except clock.NeverOpen:
        return clock.due(at, minutes)


def _changed(row: Assignment, about: Consult, *, at: datetime, **fields: Any) -> None:
    """Count the clock anew, write a new version of the assignment, and have all pages look again."""
    fields |= count_anew(row, at=at)
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*fields, "version"])
    told([row], at=at, counts="first_due_at" in fields)
    asked = about.requests.values_list("member_id", flat=True)
    look_again("consults", *(f"consults:{key}" for key in asked))


@allowed("engagement.answer_consult")
@transaction.atomic
def answer_consult(
    request: ConsultRequest, *, text: str, way: str = Way.PAGE, by: Member, at: datetime
) -> ConsultRequest:
    """Answer what one was asked, or correct the answer as long as the question is open; who asked is told."""
    return take_answer(request, text=text, way=way, by=by, at=at)


def take_answer(request: ConsultRequest, *, text: str, way: str, by: Member, at: datetime) -> ConsultRequest:
    """Take an answer, by whatever door it came; `by` is who gave it, or who took it from a mail. In a transaction."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise ValidationError({"text": _("Write your answer first.")})
    if len(text) > ANSWER_LIMIT:
        raise ValidationError({"text": _("An answer has at most %(limit)s characters.") % {"limit": ANSWER_LIMIT}})
    # What waits for the answer is woken in the same transaction, so work may be given out.
    row = hold(request.consult.assignment, "engagement.answer_consult", by=None, giving=True)
    request = _held(request)
    about = request.consult
    about.assignment = row
    if not request.can_be_answered(at):
        raise Refusal(_("This question is closed. Your answer is not needed any more; thank you."))
    if request.answer == text:
        return request
    before, is_first = request.answer, request.answered_at is None
    request.answer, request.way, request.state, request.next_look_at = text, way, ConsultRequest.State.ANSWERED, None
    if is_first:
        request.answered_at = at
    else:
        request.corrected_at = at
    request.save(update_fields=["answer", "way", "state", "next_look_at", "answered_at", "corrected_at"])
    verb = "answer_consult" if is_first else "correct_answer"
    record(verb, request, by=by, at=at, before={"answer": before}, after={"answer": text, "way": way})
    is_news = about.state != State.ANSWERED and _is_enough(about)
    if is_news:
        _end(about, State.ANSWERED, row, at=at)
    _changed(row, about, at=at)
    heading = gettext_lazy("%(who)s has answered") if is_first else gettext_lazy("%(who)s has corrected an answer")
    key = f"answer {request.pk}" + ("" if is_first else f" {at.isoformat()}")
    tell_asker(about, key=key, heading=filled(heading, {"who": request.member}), request=request, at=at)
    if is_news:
        happened(Assignment.WakesOn.CONSULT_ANSWERED, Assignment.objects.filter(pk=row.pk), at=at)
    return request


def _held(request: ConsultRequest) -> ConsultRequest:
    return by_key(ConsultRequest.objects.select_for_update(no_key=True, of=("self",)).with_everything(), request.pk)


def _is_enough(about: Consult) -> bool:
    return not (about.needs_all and about.requests.filter(state=ConsultRequest.State.WAITING).exists())


def _end(about: Consult, state: str, row: Assignment, *, at: datetime) -> None:
    """Nobody is waited for any more: the clock goes on, and nobody is reminded."""
    about.state, about.ended_at = state, at
    about.save(update_fields=["state", "ended_at"])
    about.requests.update(next_look_at=None)
    end_pause(row, why=Pause.Why.CONSULT, about=about.about, at=at)


@allowed("engagement.consult")
@transaction.atomic
def close_consult(consult: Consult, *, by: Member, at: datetime) -> Consult:
    """End a question: nothing is waited for, and links and replies to it open nothing any more."""
    row = hold(consult.assignment, "engagement.consult", by=by)
    found = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    if found.state == State.CLOSED:
        return found
    found.assignment = row
    record("close_consult", found, by=by, at=at, before={"state": found.state})
    _end(found, State.CLOSED, row, at=at)
    _changed(row, found, at=at)
    return found


@transaction.atomic
def look_after_next(*, at: datetime) -> bool:
    """Remind, or replace, the one that is due first in the active organization; whether there was one."""
    due = ConsultRequest.objects.due(at).select_related("consult__assignment").first()
    if due is None:
        return False
    row = hold(due.consult.assignment, "engagement.consult", by=None)
    request = _held(due)
    if request.next_look_at is None or request.next_look_at > at:
        return True  # another worker was first
    request.consult.assignment = row
    about = request.consult
    if not about.is_open or not decide(request.member, "engagement.answer_consult") or request.reminded_at:
        _replace(request, row, at=at)
    else:
        minutes = policy().replace_after_minutes - policy().remind_after_minutes
        request.reminded_at, request.next_look_at = at, _after(about, minutes, at=at)
        request.save(update_fields=["reminded_at", "next_look_at"])
        record("remind", request, by=None, at=at, after={"who": str(request.member)})
        ask_by_mail(request, at=at, again=True)
    return True


def _replace(request: ConsultRequest, row: Assignment, *, at: datetime) -> None:
    """Ask the deputy instead, or, where there is none, give the question back to who asked."""
    about, deputy = request.consult, request.consult.deputy
    request.next_look_at = None
    if not about.is_open:
        request.save(update_fields=["next_look_at"])
        return
    may = deputy is not None and bool(decide(deputy, "engagement.answer_consult"))
    is_asked = deputy is not None and about.requests.filter(member=deputy).exists()
    replaced = deputy is not None and may and not is_asked
    request.state = ConsultRequest.State.REPLACED if replaced else ConsultRequest.State.SILENT
    request.save(update_fields=["next_look_at", "state"])
    record("replace", request, by=None, at=at, after={"who": str(request.member), "deputy": str(deputy or "")})
    if replaced and deputy is not None:
        _ask(about, deputy, at=at)
        words = gettext_lazy("%(who)s has not answered; %(deputy)s is asked now")
        heading = filled(words, {"who": request.member, "deputy": deputy})
        tell_asker(about, key=f"replaced {request.pk}", heading=heading, request=None, at=at)
    elif not about.requests.filter(state=ConsultRequest.State.WAITING).exists():
        answered = about.requests.filter(state=ConsultRequest.State.ANSWERED).exists()
        _end(about, State.ANSWERED if answered else State.RETURNED, row, at=at)
        heading = filled(gettext_lazy("Nobody else has answered: the question is yours again"), {})
        tell_asker(about, key="returned", heading=heading, request=None, at=at)
    _changed(row, about, at=at)


def pass_question_on(request: ConsultRequest, *, to: Member, by: Member | None, at: datetime) -> None:
    """Put a question that waits for one person to another; whoever hands over has decided it."""
    row = hold(request.consult.assignment, "engagement.consult", by=None)
    request = _held(request)
    if request.state != ConsultRequest.State.WAITING:
        return  # answered meanwhile
    request.consult.assignment, about = row, request.consult
    request.state, request.next_look_at = ConsultRequest.State.REPLACED, None
    request.save(update_fields=["state", "next_look_at"])
    if not about.requests.filter(member=to).exists():
        _ask(about, to, at=at)
    record("replace", request, by=by, at=at, after={"who": str(request.member), "deputy": str(to)})
    _changed(row, about, at=at)


@allowed("engagement.manage_consults")
@transaction.atomic
def set_consult_policy(organization: Organization, /, *, by: Member, at: datetime, **fields: Any) -> ConsultPolicy:
    """Say when people are reminded and replaced; what is waited for now is looked at as it was planned."""
    found = ConsultPolicy.objects.select_for_update().first() or ConsultPolicy()
    before = _facts(found)
    for name in before:
        setattr(found, name, fields.get(name, getattr(found, name)))
    found.full_clean(exclude=["organization"])
    found.save()
    record("set_consult_policy", found, by=by, at=at, before=before, after=_facts(found))
    return found


def _facts(found: ConsultPolicy) -> dict[str, Any]:
    return {
        name: getattr(found, name) for name in ("remind_after_minutes", "replace_after_minutes", "in_business_hours")
    }
