"""What is measured of what is answered."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from measurement.metric import BUSINESS, FAST, MUCH, NOW, ROUGH, WALL, Metric, Text

_ASSIGNMENTS = _("assignments")
_MADE = _("Assignments made on these days.")
_REOPENED = _(
    "Reopening changes nothing: the first answer stands, and a second counts nowhere. What a program sent and nobody"
    " read is no answer."
)
_AGAIN = _("What was resolved and is taken up again counts all the while, as if it had never been resolved.")
_WAITS = {"median": (_("median"), _("the time that half did not exceed")),
          "p90": (_("90th percentile"), _("the time that nine of ten did not exceed"))}  # fmt: skip


def _waits(histogram: str, in_business: str, label: Text, counts: Text, excluded: Text, source: str, also: str
           ) -> dict[str, Metric]:  # fmt: skip
    """Median and 90th percentile of one wait, in wall time and in business hours."""
    found = {}
    for name, clock, rows in ((histogram, WALL, source), (in_business, BUSINESS, also)):
        wait = _by_clock(label, clock)
        for share, (words, formula) in _WAITS.items():
            said = _by_clock(format_lazy("{label}, {share}", label=label, share=words), clock)
            found[f"{name}_{share}"] = Metric(
                said, "seconds", _("time"), FAST, formula=formula, counts=counts, exclusions=excluded, source=rows,
                clock=clock, precision=ROUGH, better=-1, wait=wait,
            )  # fmt: skip
    return found


def _by_clock(said: Text, clock: Text) -> Text:
    return format_lazy(_("{said}, in business hours"), said=said) if clock is BUSINESS else said


ANSWERING: dict[str, Metric] = {
    **_waits(
        "first_response", "business_response", _("First response"),
        _("For assignments made on these days that were answered: how long that took, from the capture of the"
          " mention."),
        _("What was not answered. Reopening changes nothing: the first answer stands. What a program sent and nobody"
          " read is no answer. Pauses are not taken off: the author has waited."),
        "Mention.captured_at, Assignment.first_answered_at", "Assignment.answered_in_seconds",
    ),
    **_waits(
        "next_response", "business_next_response", _("Next response"),
        _("How long authors who had written again waited, where the response target promises next responses; for "
          "assignments made on these days."),
        _("What was written again and promised no answer, and what has none yet."),
        "Promise.started_at, Promise.kept_at", "Promise.kept_in_seconds",
    ),
    **_waits(
        "resolution", "business_resolution", _("Resolution"),
        _("For assignments made on these days that are resolved now: how long that took, from the capture of the"
          " mention."),
        _("What is not resolved, with an answer or without. After a reopening the last end counts."),
        "Mention.captured_at, Assignment.resolved_at", "Assignment.resolved_in_seconds",
    ),
    **{
        key: Metric(
            label, "seconds", _("time"), FAST,
            formula=formula,
            counts=_("From the claim to the first answer, or to the end; of the assignments made on these days."),
            clock=BUSINESS,
            exclusions=_("Snoozed time, and what was answered before the claim. With fewer than 5 nothing is shown."),
            source="Assignment.claimed_at, AuditEntry snooze and wake",
            precision=_("Exact for up to 500 assignments; of more, the newest 500."),
            better=-1,
        )
        for key, label, formula in (
            ("handling", _("Handling time"), _WAITS["median"][1]),
            ("handling_p90", _("Handling time, 90th percentile"), _WAITS["p90"][1]),
        )
    },
    "targets_met": Metric(
        _("Targets met"), "share", _("per cent"), FAST,
        formula=_("answered in time ÷ (answered + overdue)"),
        counts=_("Of the assignments made on these days that were answered or are overdue, those answered by the"
                 " response target. An answer that nobody promised is in time."),
        denominator=_("Assignments that were answered, or are overdue now."),
        exclusions=_("What was resolved without an answer, and what waits and is not due."),
        source="Assignment.first_answered_at, Assignment.first_due_at",
        clock=_("As the response target counts: business hours or wall time, pauses taken off."),
        better=1,
    ),
    "next_targets_met": Metric(
        _("Next responses in time"), "share", _("per cent"), FAST,
        formula=_("kept in time ÷ kept"),
        counts=_("Of the next responses that were given, those that came when they were promised; of the assignments"
                 " made on these days."),
        denominator=_("Promises of a next response that were kept."),
        exclusions=_("What still runs: “Missed targets” shows it where it is late."),
        source="Promise.kept_at, Promise.due_at",
        clock=_("As the response target counts: business hours or wall time, pauses taken off."),
        better=1,
    ),
    "resolution_targets_met": Metric(
        _("Resolutions in time"), "share", _("per cent"), FAST,
        formula=_("kept in time ÷ kept"),
        counts=_("Of the resolutions that were promised and came, those that came in time; of the assignments made on"
                 " these days."),
        denominator=_("Promises of a resolution that were kept."),
        exclusions=_("What still runs: “Missed targets” shows it where it is late."),
        source="Promise.kept_at, Promise.due_at",
        clock=_("As the response target counts: business hours or wall time, pauses taken off."),
        better=1,
    ),
    "assigned": Metric(
        _("Assignments"), "count", _ASSIGNMENTS, MUCH,
        formula=_("number of assignments"),
        counts=_("Made on these days. What was handed off counts once, in the department that has it."),
        source="Assignment.created_at",
    ),
    "answered": Metric(
        _("Share answered"), "share", _("per cent"), MUCH,
        formula=_("answered ÷ assignments"),
        counts=_("Of the assignments made on these days, those that have had a first answer by now."),
        denominator=_MADE, exclusions=_REOPENED,
        source="Assignment.first_answered_at",
        better=1,
    ),
    "unanswered": Metric(
        _("Resolved without an answer"), "share", _("per cent"), MUCH,
        formula=_("resolved without an answer ÷ assignments"),
        counts=_("Of the assignments made on these days, those resolved now that never had an answer."),
        denominator=_MADE, source="Assignment.state, Assignment.first_answered_at",
    ),
    "reopened": Metric(
        _("Reopened"), "share", _("per cent"), MUCH,
        formula=_("reopened at least once ÷ assignments"),
        counts=_("Of the assignments made on these days, those that were taken up again after their end."),
        denominator=_MADE, exclusions=_("A second and third reopening of the same assignment."),
        source="Assignment.reopened_count", better=-1,
    ),
    "backlog": Metric(
        _("Backlog now"), "count", _ASSIGNMENTS, MUCH,
        formula=_("number of assignments"),
        counts=_("Not resolved now, whenever they were made; snoozed ones too."),
        source="Assignment.state", clock=NOW, better=-1,
    ),
    "overdue": Metric(
        _("Overdue now"), "count", _ASSIGNMENTS, MUCH,
        formula=_("number of assignments"),
        counts=_("Not resolved, without an answer, and past the first response that was promised."),
        source="Assignment.first_due_at", clock=NOW, better=-1,
    ),
    "backlog_age_median": Metric(
        _("Age of the backlog, median"), "seconds", _("time"), MUCH,
        formula=_("the time that half do not exceed"),
        counts=_("How long ago what is not resolved was made."),
        source="Assignment.created_at", clock=NOW, better=-1,
    ),
    "backlog_oldest": Metric(
        _("Age of the backlog, oldest"), "seconds", _("time"), MUCH,
        formula=_("the longest time"),
        counts=_("How long ago the oldest of what is not resolved was made."),
        source="Assignment.created_at", clock=NOW, better=-1,
    ),
    "backlog_at_end": Metric(
        _("Backlog at the end"), "count", _ASSIGNMENTS, MUCH,
        formula=_("assignments made until then - assignments resolved until then"),
        counts=_("Not resolved when the last of these days ended, or now if it has not; whenever they were made."),
        exclusions=_AGAIN, source="Assignment.created_at, Assignment.resolved_at", better=-1,
    ),
    "backlog_age": Metric(
        _("Age of the backlog at the end, mean"), "seconds", _("time"), MUCH,
        formula=_("sum of their ages ÷ their number"),
        counts=_("How long before the end of the last of these days (or now) what was not resolved then was made."),
        exclusions=_AGAIN, source="Assignment.created_at, Assignment.resolved_at", better=-1,
    ),
    "replies": Metric(
        _("Replies written"), "count", _("replies"), MUCH,
        formula=_("number of replies"),
        counts=_("Written on these days, whatever became of them."),
        source="Reply.written_at",
    ),
    "replies_sent": Metric(
        _("Replies sent"), "share", _("per cent"), MUCH,
        formula=_("accepted by the network ÷ written"),
        counts=_("Of the replies written on these days, those that the network has taken."),
        denominator=_("Replies written on these days."),
        source="Reply.state", better=1,
    ),
    "replies_refused": Metric(
        _("Replies refused or unknown"), "share", _("per cent"), MUCH,
        formula=_("(refused + outcome unknown) ÷ written"),
        counts=_("Of the replies written on these days, those that the network refused, or of which nobody knows."),
        denominator=_("Replies written on these days."),
        source="Reply.state", better=-1,
    ),
    "replies_unknown": Metric(
        _("Replies whose outcome is unknown"), "share", _("per cent"), MUCH,
        formula=_("outcome unknown ÷ written"),
        counts=_("Of the replies written on these days, those that were sent and of which no network has said yet"
                 " whether it took them."),
        denominator=_("Replies written on these days."),
        source="Reply.state", better=-1,
    ),
    "replies_automatic": Metric(
        _("Replies by programs"), "share", _("per cent"), MUCH,
        formula=_("sent by a program unread ÷ written"),
        counts=_("Of the replies written on these days, those that nobody read before; they answer no assignment."),
        denominator=_("Replies written on these days."),
        source="Reply.is_automatic",
    ),
    **{
        f"reply_{name}": Metric(
            label, "count", unit, MUCH,
            formula=_("sum over the replies"),
            counts=_("Of the replies written on these days, as their network said when it was asked last."),
            exclusions=_("Replies for which the network does not say, or has not yet; where it says nothing at "
                         "all, there is no figure, which is not the same as 0."),
            source=f"ReplyResult.{name}, Reply.written_at",
            precision=_("As old as the last look: networks are asked 1 and 6 hours, then 1, 3, 7 and 30 days after they"
                        " took a reply."),
            better=1,
        )
        for name, label, unit in (
            ("answers", _("Answers to our replies"), _("answers")),
            ("likes", _("Likes of our replies"), _("likes")),
            ("reposts", _("Reposts of our replies"), _("reposts")),
        )
    },
    "reply_clicks": Metric(
        _("Links in replies followed"), "count", _("clicks"), MUCH,
        formula=_("sum over the hours"),
        counts=_("How often people followed, on these days, our tracked links that stood in a sent reply by then."),
        exclusions=_(
            "Programs, as far as they are told apart. Links that are not tracked. A link that stands elsewhere, too,"
            " counts wherever it was followed, and each click once, in however many replies the link stands."
        ),
        source="ReplyLink, LinkHour.clicks, LinkHour.hour", better=1,
    ),
    "approvals": Metric(
        _("Approvals asked for"), "count", _("approvals"), MUCH,
        formula=_("number of steps"),
        counts=_("Steps of approval that were asked for on these days."),
        source="Approval.asked_at",
    ),
    "approvals_given": Metric(
        _("Approved"), "share", _("per cent"), MUCH,
        formula=_("approved ÷ (approved + sent back)"),
        counts=_("Of the approvals asked for on these days that were decided, those that were a yes."),
        denominator=_("Approvals that were decided."),
        exclusions=_("What waits, and what was withdrawn."),
        source="Approval.state",
    ),
    "approval_median": Metric(
        _("Time to approve, median"), "seconds", _("time"), MUCH,
        formula=_("the time that half did not exceed"),
        counts=_("From the question to the decision, of the approvals asked for on these days."),
        exclusions=_("What waits, and what was withdrawn."),
        source="Approval.asked_at, Approval.ended_at", clock=WALL, better=-1,
    ),
    "approval_p90": Metric(
        _("Time to approve, 90th percentile"), "seconds", _("time"), MUCH,
        formula=_("the time that nine of ten did not exceed"),
        counts=_("From the question to the decision, of the approvals asked for on these days."),
        exclusions=_("What waits, and what was withdrawn."),
        source="Approval.asked_at, Approval.ended_at", clock=WALL, better=-1,
    ),
}  # fmt: skip
