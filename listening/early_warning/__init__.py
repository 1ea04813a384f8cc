"""Early warning: how unusual a count of mentions is, from what the series itself has brought so far.

A `Detector` takes one count after another and gives a `Score` for each; a `Watch` makes one `Episode` of what belongs
together. Neither knows the future, a database or Django; both are kept between counts as a small `dict` for JSON.
"""

from listening.early_warning.detector import Detector, Score, score_of
from listening.early_warning.series import Row, UnreadableSeries, read_series
from listening.early_warning.watch import Change, Episode, Severity, Watch, learned, severity_of

__all__ = [
    "Change",
    "Detector",
    "Episode",
    "Row",
    "Score",
    "Severity",
    "UnreadableSeries",
    "Watch",
    "learned",
    "read_series",
    "score_of",
    "severity_of",
]
