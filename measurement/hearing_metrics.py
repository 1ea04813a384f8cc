"""What is measured of what is heard."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from measurement.authors import LONGEST
from measurement.metric import FRIENDLY, LOUD, Metric

_NO_OLD = _("What a new source brought along from long before its first poll.")
_MENTIONS = _("mentions")
_JUDGED = _("Mentions whose sentiment is known.")

HEARING: dict[str, Metric] = {
    "captured": Metric(
        _("Mentions"), "count", _MENTIONS, LOUD,
        formula=_("number of mentions"),
        counts=_("Mentions captured on these days, each once."),
        exclusions=_NO_OLD,
        source="Mention.captured_at",
        of_departments=False,
    ),
    "captured_by_query": Metric(
        _("Mentions by query"), "count", _MENTIONS, LOUD,
        formula=_("number of mentions that the query matched"),
        counts=_("Mentions captured on these days, once for each query that matched; so the rows can add up to more."),
        exclusions=_NO_OLD,
        source="MentionMatch, Mention.captured_at",
        of_departments=False, place="query",
    ),
    "captured_by_topic": Metric(
        _("Mentions by topic"), "count", _MENTIONS, LOUD,
        formula=_("number of mentions that have the topic"),
        counts=_("Mentions captured on these days, by the topic that they have now, whoever gave it."),
        exclusions=_NO_OLD,
        source="Mention.topic, Mention.captured_at",
        of_departments=False, place="topic",
    ),
    "authors": Metric(
        _("Authors"), "count", _("people and accounts"), LOUD,
        formula=_("number of different authors"),
        counts=_("Those who wrote the mentions of these days, each once. Somebody with two accounts counts twice."),
        exclusions=_("Mentions whose author the network does not name."),
        source="Post.author, Mention.captured_at",
        precision=_("Exact. Shown for 92 days at most: in more there are too many to be told apart while you wait."),
        longest=LONGEST, of_departments=False,
    ),
    "reach": Metric(
        _("Possible reach"), "count", _("followers"), LOUD,
        formula=_("sum of followers"),
        counts=_(
            "Followers that authors had when their mentions were captured, added up: whoever writes twice counts"
            " twice, and nobody knows who really read it."
        ),
        exclusions=_("Mentions of networks that do not say how many followers somebody has; where none does, there is"
                     " no figure, which is not the same as 0."),
        source="Mention.followers",
        of_departments=False,
    ),
    "share_of_voice": Metric(
        _("Share of voice"), "share", _("per cent"), LOUD,
        formula=_("mentions of our queries ÷ mentions of our queries and of competitors' queries"),
        counts=_("Mentions of these days, by the queries that stand for us and for chosen competitors."),
        denominator=_("Mentions that match our or their queries, once for each query."),
        exclusions=_("Queries that were not chosen for the comparison."),
        source="Voice, MentionMatch",
        better=1, of_departments=False,
    ),
    "stories": Metric(
        _("Stories"), "count", _("stories"), LOUD,
        formula=_("number of stories"),
        counts=_("Stories that began on these days: what was told at least twice in almost the same words."),
        exclusions=_("Stories that turned out to be part of another."),
        source="Story.first_at",
        of_departments=False,
    ),
    "venues": Metric(
        _("Venues"), "count", _("places"), LOUD,
        formula=_("number of places where something was said"),
        counts=_("Feeds' sites and networks in which something was heard. They are counted when a venue map is drawn."),
        exclusions=_("Mentions that were found not relevant, and what internal sources said."),
        source="VenueMap",
        of_departments=False, place="venues",
    ),
    "net_sentiment": Metric(
        _("Net sentiment"), "balance", _("per cent"), FRIENDLY,
        formula=_("(positive - negative) ÷ judged"),
        counts=_("From -100 %, where all is negative, to +100 %, where all is positive; of mentions of these days."),
        denominator=_JUDGED,
        exclusions=_("Mentions whose sentiment nobody and nothing has judged."),
        source="Mention.sentiment",
        better=1, of_departments=False,
    ),
    "negative_share": Metric(
        _("Negative mentions"), "share", _("per cent"), FRIENDLY,
        formula=_("negative ÷ judged"),
        counts=_("Of the mentions of these days, those that sound negative, as corrected by people."),
        denominator=_JUDGED,
        exclusions=_("Mentions whose sentiment nobody and nothing has judged."),
        source="Mention.sentiment",
        better=-1, of_departments=False,
    ),
    "positive_share": Metric(
        _("Positive mentions"), "share", _("per cent"), FRIENDLY,
        formula=_("positive ÷ judged"),
        counts=_("Of the mentions of these days, those that sound positive, as corrected by people."),
        denominator=_JUDGED,
        exclusions=_("Mentions whose sentiment nobody and nothing has judged."),
        source="Mention.sentiment",
        better=1, of_departments=False,
    ),
}  # fmt: skip
