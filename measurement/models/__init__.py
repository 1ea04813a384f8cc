"""Figures kept ready, and what people write beside them.

Roll-ups are by hour and by day and can be computed again for any window. An hour begins when the organization's clock
strikes, so that whole hours make up its days in every time zone.
"""

from measurement.models.annotations import Annotation
from measurement.models.answered import DailyPromises, DailyResponses, HourlyPromises, HourlyResponses
from measurement.models.flow import DailyFlow, HourlyFlow
from measurement.models.reply_links import ReplyLink
from measurement.models.reports import Report, ReportAddress, ReportPicture, ReportReader, ReportSetting
from measurement.models.returns import Assumption, Kind, Kpi
from measurement.models.rollups import (
    DailyAuthors,
    DailyMentions,
    DailyTopics,
    HourlyAuthors,
    HourlyMentions,
    HourlyTopics,
    RollUp,
    StaleHour,
)
from measurement.models.voices import Voice
from measurement.models.waits import DailyWaits

__all__ = [
    "Annotation",
    "Assumption",
    "DailyAuthors",
    "DailyFlow",
    "DailyMentions",
    "DailyPromises",
    "DailyResponses",
    "DailyTopics",
    "DailyWaits",
    "HourlyAuthors",
    "HourlyFlow",
    "HourlyMentions",
    "HourlyPromises",
    "HourlyResponses",
    "HourlyTopics",
    "Kind",
    "Kpi",
    "ReplyLink",
    "Report",
    "ReportAddress",
    "ReportPicture",
    "ReportReader",
    "ReportSetting",
    "RollUp",
    "StaleHour",
    "Voice",
]
