"""What came of replies, by the one way in which networks are asked."""

from __future__ import annotations

from engagement.models import ReplyResult
from listening.way_out.results import ResultLooks

reply_results = ResultLooks(ReplyResult, "reply")
