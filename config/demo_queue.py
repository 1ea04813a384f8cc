"""What the demo's people have left in the queue: a draft open to colleagues, a note with a name, a look again."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement.actions import drafts, notes, outcomes
from engagement.models import Assignment, Satisfaction
from listening import polling
from listening.models import PracticeAccount
from listening.practice_field import actions as field
from roles.models import Member

QUESTION = "@{us} the trailer hitch of my {name} wobbles. Is there a recall, or did I mount it wrongly?"
BEGUN = "Thank you for telling us. There is no recall; please check whether the split pin"
NOTE = "@{responder} the workshop had two of these last week. I asked them, go on with this draft meanwhile."


def leave_work(cast: dict[str, PracticeAccount], *, us: str, name: str, coach: Member, at: datetime) -> None:
    """Ask one more question, and begin to answer it; promise to look again at what was answered last."""
    field.post(cast["dee.in.town"], text=QUESTION.format(us=us, name=name), by=None, at=at - timedelta(minutes=9))
    polling.poll_due(at - timedelta(minutes=8))
    row = Assignment.objects.waiting().with_mentions().order_by("-pk").first()
    if row is not None and row.member is not None:
        drafts.save_draft(row, text=BEGUN, by=row.member, at=at - timedelta(minutes=6))
        drafts.share_draft(row, by=row.member, at=at - timedelta(minutes=6))
        notes.note(row, text=NOTE.format(responder=row.member), by=coach, at=at - timedelta(minutes=4))
    answered = Assignment.objects.filter(outcome=Assignment.Outcome.ANSWERED).order_by("-resolved_at")[:2]
    for days, done in zip((3, 0), answered, strict=False):
        if days:
            outcomes.plan_follow_up(done, days=days, by=coach, at=at)
        else:
            outcomes.note_satisfaction(done, value=Satisfaction.Value.SATISFIED, by=coach, at=at)
