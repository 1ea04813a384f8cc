"""What the machine makes of a text: language, sentiment, topic, relevance; and how it learns from what people say.

Pure code: no Django, no database, nothing fetched. `judge` works from the first day with what is shipped; the models in
`sentiment`, `topics` and `relevance` are taught from rows that people judged, and turned into bytes to be kept.
"""

from __future__ import annotations

from listening.learning.judging import Judged, judge
from listening.learning.language import detect

__all__ = ["Judged", "detect", "judge"]
