"""Which of what we say ourselves a figure counts: replies, publications, links, reviews, and promised weeks."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.models.joinings import Step
from measurement import metrics
from measurement.followed import BY_PEOPLE, for_campaign, from_replies
from measurement.row_forms import RowsForm, a_choice, a_key, of_department
from measurement.sums import LONGEST_CADENCE, first_decided


class RepliesForm(RowsForm):
    """Which replies: by day on which they were written, department, network, and their fate."""

    department = a_key()
    fate = a_choice(
        sent=gettext_lazy("sent"),
        trouble=gettext_lazy("refused, or nobody knows"),
        unknown=gettext_lazy("nobody knows what became of them"),
        program=gettext_lazy("by a program"),
    )
    told = a_choice(
        answers=gettext_lazy("of whose answers the network tells"),
        likes=gettext_lazy("of whose likes the network tells"),
        reposts=gettext_lazy("of whose reposts the network tells"),
    )
    chosen = ("fate", "told")

    def condition(self) -> Q:
        """Return the condition on replies."""
        wanted = self.networks("assignment__network") & of_department(self, "assignment__")
        if window := self.window():
            wanted &= Q(written_at__gte=window.start, written_at__lt=window.end)
        if told := self.cleaned_data.get("told"):
            wanted &= Q(**{f"result__{told}__isnull": False})
        fates = {
            "sent": metrics.SENT,
            "trouble": metrics.IN_TROUBLE,
            "unknown": metrics.OUTCOME_UNKNOWN,
            "program": metrics.BY_PROGRAM,
        }
        return wanted & fates.get(self.cleaned_data.get("fate", ""), Q())


class PublicationsForm(RowsForm):
    """Which publications: by day on which they were published, department, network, campaign, what they are about."""

    department = a_key()
    campaign = a_key()
    about = a_choice(us=gettext_lazy("about ourselves"))
    step = a_choice(**{str(step): step.label for step in Step})
    told = a_choice(
        answers=gettext_lazy("of whose answers the network tells"),
        likes=gettext_lazy("of whose likes the network tells"),
        reposts=gettext_lazy("of whose reposts the network tells"),
    )
    chosen = ("about", "step", "told")

    def condition(self) -> Q:
        """Return the condition on publications."""
        wanted = self.networks("channel__network") & of_department(self, "variant__piece__") & metrics.PUBLISHED
        if campaign := self.cleaned_data.get("campaign"):
            wanted &= Q(variant__piece__campaign=campaign)
        if window := self.window():
            wanted &= Q(accepted_at__gte=window.start, accepted_at__lt=window.end)
        if told := self.cleaned_data.get("told"):
            wanted &= Q(**{f"result__{told}__isnull": False})
        if step := self.cleaned_data.get("step"):
            wanted &= Q(variant__piece__step=step)
        return wanted & metrics.ABOUT_OURSELVES if self.cleaned_data.get("about") else wanted


class LinksForm(RowsForm):
    """Which tracked links: those that people followed on some days, by where they stand."""

    department = a_key()
    campaign = a_key()
    stands = a_choice(replies=gettext_lazy("in replies"))
    chosen = ("stands",)

    def hours(self) -> Q:
        """Return the condition on the hours in which links were followed."""
        wanted = BY_PEOPLE
        if window := self.window():
            wanted &= Q(hour__gte=window.start, hour__lt=window.end)
        if self.cleaned_data.get("stands"):
            return wanted & from_replies(
                self.networks("reply__assignment__network") & of_department(self, "reply__assignment__")
            )
        wanted &= self.networks("link__publication__channel__network")
        wanted &= of_department(self, "link__publication__variant__piece__")
        campaign = self.cleaned_data.get("campaign")
        return wanted & for_campaign(campaign) if campaign else wanted


class ReviewsForm(RowsForm):
    """Which reviewed variants: by the day of the first decision about them, department, network, campaign."""

    department = a_key()
    campaign = a_key()
    fate = a_choice(passed=gettext_lazy("approved at first"))
    chosen = ("fate",)

    def condition(self) -> Q:
        """Return the condition on reviewed variants."""
        wanted = self.networks("variant__channel__network") & of_department(self, "variant__piece__") & first_decided()
        if campaign := self.cleaned_data.get("campaign"):
            wanted &= Q(variant__piece__campaign=campaign)
        if window := self.window():
            wanted &= Q(ended_at__gte=window.start, ended_at__lt=window.end)
        return wanted & metrics.APPROVED if self.cleaned_data.get("fate") else wanted


class WeeksForm(RowsForm):
    """Which weeks of channels: those that ended on some days, by network."""

    def clean(self) -> dict[str, Any]:
        """Refuse more days than are counted while one waits."""
        cleaned = super().clean()
        window = self.window()
        if window and window.days > LONGEST_CADENCE:
            raise ValidationError(_("At most %(n)s days can be asked for at once.") % {"n": LONGEST_CADENCE})
        return cleaned
