"""What the assignment policy does, in sentences, in the order in which it decides."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.choosing import How
from engagement.models import AssignmentPolicy
from roles.wording import spoken


def in_words(policy: AssignmentPolicy) -> list[str]:
    """Say what it does."""
    said = [
        _("Nobody gets work who is away, outside their time blocks, or full; by hand it can be given anyway."),
        _("A person whom the rule names gets it first."),
    ]
    if policy.sticks_days:
        said.append(
            ngettext(
                "Then whoever of us spoke with the author within the last day.",
                "Then whoever of us spoke with the author within the last %(n)s days.",
                policy.sticks_days,
            )
            % {"n": policy.sticks_days}
        )
    said.append(
        _("Coaches on call get it only when nobody else is here with room.")
        if policy.on_call_takes
        else _("Coaches on call get nothing by themselves.")
    )
    languages = {
        How.MUST: _("Only those get it whose position takes its language."),
        How.PREFER: _("Those whose position takes its language go first."),
    }
    skills = {
        How.MUST: _("Where somebody's skill is its topic or network, only those who have it get it."),
        How.PREFER: _("Those whose skill is its topic or network go first."),
    }
    said += [words[how] for words, how in ((languages, policy.languages), (skills, policy.skills)) if how in words]  # type: ignore[index]
    if policy.prefers_seen:
        said.append(_("Those who were seen here in the last ten minutes go first; this alone never decides."))
    said.append(_("Of these, it goes to whoever has the least open for what they can carry."))
    said.append(
        ngettext(
            "When that is equal, to whoever was given the least in the last hour; people who are equal all the time "
            "differ by one at most.",
            "When that is equal, to whoever was given the least in the last %(n)s hours; people who are equal all the "
            "time differ by one at most.",
            policy.share_hours,
        )
        % {"n": policy.share_hours}
    )
    return [*said, _escalation(policy)]


def _escalation(policy: AssignmentPolicy) -> str:
    if not policy.escalation_minutes:
        return _("Nothing is escalated.")
    words = _("What nobody has claimed after %(time)s becomes more urgent, and the coaches on call are told.")
    if policy.escalates_in_business_hours:
        words = _(
            "What nobody has claimed after %(time)s of business hours becomes more urgent, and the coaches on call are"
            " told."
        )
    return words % {"time": spoken(policy.escalation_minutes)}
