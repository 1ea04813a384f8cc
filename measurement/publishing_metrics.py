"""What is measured of what we say ourselves: what was published, what came of it, and whom it was about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from measurement.metric import MUCH, WALL, Metric

PUBLISHING: dict[str, Metric] = {
    "publications": Metric(
        _("Published"), "count", _("publications"), MUCH,
        formula=_("number of publications"),
        counts=_("What a network took on these days, or a person posted by hand; each variant counts for itself."),
        exclusions=_("What waits, was refused or missed, and what of which nobody knows whether it arrived."),
        source="Publication.state, Publication.accepted_at", better=1, of_campaigns=True,
    ),
    "self_promotion": Metric(
        _("Published about ourselves"), "share", _("per cent"), MUCH,
        formula=_("about ourselves ÷ published"),
        counts=_("Of what was published on these days, that whose piece shares about us or promotes."),
        denominator=_("Publications of these days."),
        exclusions=_("Replies and conversations that were joined: the page on joining shows those."),
        source="Piece.step, Publication.accepted_at", better=-1, of_campaigns=True,
    ),
    "channel_cadence": Metric(
        _("Promised cadence of channels kept"), "share", _("per cent"), MUCH,
        formula=_("weeks kept ÷ weeks promised"),
        counts=_("Weeks of a channel that ended on these days, in which at least as much was published as was promised"
                 " for it."),
        denominator=_("Weeks with a promise, of each channel, that ended on these days and are over."),
        exclusions=_("Channels without a promise, or that are switched off. It is shown by network, not by "
                     "department, campaign or person: a promise belongs to a channel."),
        source="CadenceCommitment, Publication.accepted_at", better=1, longest=366, of_campaigns=True,
    ),
    "passed_at_first": Metric(
        _("Reviews passed at first"), "share", _("per cent"), MUCH,
        formula=_("approved at first ÷ decided for the first time"),
        counts=_("Of the variants about which a review was decided for the first time on these days, those that were"
                 " approved."),
        denominator=_("Variants that were approved or sent back for the first time on these days."),
        exclusions=_("What its writer changed or withdrew before anybody decided; later reviews of the same variant."),
        source="ReviewedVariant.state, ReviewedVariant.ended_at", better=1, of_campaigns=True,
    ),
    **{
        f"review_{name}": Metric(
            label, "seconds", _("time"), MUCH,
            formula=formula,
            counts=_("From the question to the first decision about a variant, of those decided on these days."),
            exclusions=_("What waits, and what its writer changed or withdrew before anybody decided."),
            source="ReviewedVariant.asked_at, ReviewedVariant.ended_at", clock=WALL, better=-1, of_campaigns=True,
        )
        for name, label, formula in (
            ("median", _("Time to review, median"), _("the time that half did not exceed")),
            ("p90", _("Time to review, 90th percentile"), _("the time that nine of ten did not exceed")),
        )
    },
    "link_clicks": Metric(
        _("Links followed"), "count", _("clicks"), MUCH,
        formula=_("sum over the hours"),
        counts=_("How often people followed our tracked links on these days, whenever the link was made."),
        exclusions=_("Programs, as far as they are told apart: some pass for people. Links that are not tracked."),
        source="LinkHour.clicks, LinkHour.hour", better=1, of_campaigns=True,
    ),
    **{
        f"publication_{name}": Metric(
            label, "count", unit, MUCH,
            formula=_("sum over the publications"),
            counts=_("Of what was published on these days, as its network said when it was asked last."),
            exclusions=_("Publications for which the network does not say, or has not yet; where it says nothing "
                         "at all, there is no figure, which is not the same as 0."),
            source=f"PublicationResult.{name}, Publication.accepted_at",
            precision=_("As old as the last look: networks are asked 1 and 6 hours, then 1, 3, 7 and 30 days after they"
                        " took it."),
            better=1, of_campaigns=True,
        )
        for name, label, unit in (
            ("answers", _("Answers to what we published"), _("answers")),
            ("likes", _("Likes of what we published"), _("likes")),
            ("reposts", _("Reposts of what we published"), _("reposts")),
        )
    },
}  # fmt: skip
