"""The pictures of the documentation: what each shows, as whom it is looked at, and where it lies in the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from content.models import Campaign, Piece, Review
from engagement.models import Approval, Assignment, ConsultRequest
from listening.models import EarlyWarning, Mention, Source, Story, TrackingQuery, VenueMap
from maturity.models import Drill, GuidelineSection, SurgePlan
from measurement.models import Report
from roles.models import Member


@dataclass(frozen=True)
class Picture:
    """One page of the demo; `row` names what stands in the address, asked for while acting for the organization."""

    name: str
    who: str
    path: str
    row: Callable[[], Any] | None = None
    dark: bool = False
    width: int = 1440


def _first(rows: Any) -> Any:
    return rows.order_by("pk")[0]


def _asked() -> Any:
    return _first(Assignment.objects.filter(consults__isnull=False, member__user__email__startswith="responder"))


def _told_most() -> Any:
    return Story.objects.annotate(told=Count("mentions")).order_by("-told", "pk")[0]


def _waiting() -> Any:
    return Mention.objects.filter(state="untriaged", story=None).order_by("-captured_at", "pk")[0]


def _query() -> Any:
    return TrackingQuery.objects.get(name="Cargo bikes")


def _question() -> Any:
    return _first(ConsultRequest.objects.filter(member__user__email__startswith="booth"))


def _piece() -> Any:
    return _first(Piece.objects.filter(comments__isnull=False))


def _guideline() -> Any:
    return GuidelineSection.objects.order_by("-version", "pk")[0]


def _responder() -> Any:
    return Member.objects.get(user__email__startswith="responder")


PICTURES = (
    # Listening
    Picture("stream", "gatherer", "/stream/{}/", _waiting),
    Picture("columns", "gatherer", "/stream/columns/"),
    Picture("mention", "gatherer", "/mentions/{}/", lambda: _first(Mention.objects.exclude(story=None))),
    Picture("story", "gatherer", "/stories/{}/", _told_most),
    Picture("tracking-query", "gatherer", "/queries/{}/", _query),
    Picture("tracking-query-preview", "gatherer", "/queries/{}/change/", _query),
    Picture("sources", "gatherer", "/sources/"),
    Picture("source", "gatherer", "/sources/{}/", lambda: _first(Source.objects.filter(network="practice"))),
    Picture("networks", "coach", "/connections/add/"),
    Picture("connections", "coach", "/connections/"),
    Picture("webhooks", "coach", "/webhooks/"),
    Picture("warning", "coach", "/warnings/{}/", lambda: _first(EarlyWarning.objects.exclude(state="closed"))),
    Picture("learned", "gatherer", "/learned/"),
    Picture("insights", "gatherer", "/insights/"),
    Picture("venue-map", "gatherer", "/venues/{}/", lambda: _first(VenueMap.objects.all())),
    Picture("retention", "owner", "/retention/"),
    Picture("notices", "coach", "/notices/"),
    Picture("practice-field", "coach", "/practice/"),
    # Engagement
    Picture("queue", "responder", "/queue/{}/", _asked),
    Picture("queue-phone-dark", "responder", "/queue/", dark=True, width=390),
    Picture("rules", "coach", "/rules/"),
    Picture("rules-tried", "coach", "/rules/try/"),
    Picture("assignment-policy", "coach", "/assignment-policy/"),
    Picture("response-targets", "coach", "/targets/"),
    Picture("saved-replies", "responder", "/saved-replies/"),
    Picture("deliveries", "coach", "/deliveries/"),
    Picture("question", "booth", "/questions/{}/", _question),
    Picture("approval", "coach", "/approvals/{}/", lambda: _first(Approval.objects.all())),
    Picture("crisis-stop", "coach", "/stop/"),
    Picture("joining", "responder", "/joining/"),
    Picture("ledger", "coach", "/joining/ledger/"),
    # Content
    Picture("ideas", "coach", "/content/ideas/"),
    Picture("piece", "coach", "/content/pieces/{}/", _piece),
    Picture("piece-versions", "coach", "/content/pieces/{}/versions/", _piece),
    Picture("review", "coach", "/content/reviews/{}/", lambda: _first(Review.objects.filter(state="waiting"))),
    Picture("review-policies", "coach", "/content/review-policies/"),
    Picture("calendar", "coach", "/content/calendar/"),
    Picture("campaign", "coach", "/content/campaigns/{}/", lambda: Campaign.objects.get(name="Spring tour")),
    Picture("publications", "coach", "/content/publications/"),
    Picture("media", "coach", "/content/media/"),
    Picture("links", "coach", "/content/links/"),
    Picture("series", "coach", "/content/series/"),
    Picture("writers", "coach", "/content/writers/"),
    # Maturity
    Picture("playbook", "coach", "/playbook/"),
    Picture("practice", "coach", "/playbook/practices/{}/", lambda: "answered-in-time"),
    Picture("strategy", "coach", "/playbook/strategy/"),
    Picture("time-budget", "coach", "/playbook/budget/"),
    Picture("my-time", "responder", "/time/"),
    Picture("staffing", "coach", "/playbook/staffing/"),
    Picture("cadence", "responder", "/cadence/"),
    Picture("surge-plan", "coach", "/surges/{}/", lambda: _first(SurgePlan.objects.filter(state="over"))),
    Picture("guidelines", "responder", "/guidelines/"),
    Picture("guideline-changes", "coach", "/guidelines/{}/changes/", _guideline),
    Picture("presences", "coach", "/presences/"),
    Picture("experts", "coach", "/experts/"),
    Picture("training", "responder", "/training/"),
    Picture("drill", "coach", "/drills/{}/", lambda: _first(Drill.objects.filter(state="over"))),
    Picture("standing-duties", "coach", "/playbook/duties/"),
    Picture("huddle", "coach", "/huddle/"),
    # Roles
    Picture("team", "owner", "/team/"),
    Picture("who-may-do-what", "owner", "/team/who-may-do-what/"),
    Picture("hand-over", "owner", "/team/{}/hand-over/", _responder),
    Picture("sign-in", "owner", "/signing-in/"),
    Picture("departments", "owner", "/departments/"),
    Picture("audit", "owner", "/audit/"),
    # Measurement
    Picture("executive", "executive", "/measure/?of=practice&days=90"),
    Picture("executive-dark", "executive", "/measure/?of=practice&days=90", dark=True),
    Picture("executive-phone", "executive", "/measure/?of=practice&days=90", width=390),
    Picture("all-figures", "executive", "/measure/figures/?of=practice&days=90"),
    Picture("explore", "executive", "/measure/explore/?metric=first_response_median&by=hour&of=practice&days=90"),
    Picture("figures-of-people", "coach", "/measure/people/?of=practice&days=90"),
    Picture("voices", "executive", "/measure/voices/?of=practice&days=90"),
    Picture("kpis", "executive", "/measure/kpis/?of=practice&days=90"),
    Picture("return", "executive", "/measure/return/?of=practice&days=90"),
    Picture("report", "executive", "/measure/reports/{}/", lambda: _first(Report.objects.all())),
    Picture("timeline", "executive", "/measure/timeline/"),
)  # fmt: skip
