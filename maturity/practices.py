"""What an organization does at each level: shown by the application's own rows, or attested by a coach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maturity.evidence import answering, hearing, joining, publishing, reading, reviewing
from maturity.evidence.asked import Asked, Figures, Sense
from roles.models import Level

Text = str | Promise


@dataclass(frozen=True)
class Place:
    """A page of the house: where a practice is worked on, or the rows that its figure counts."""

    label: Text
    url_name: str
    capability: str
    # Filters of the address; `dates` adds the days of the window, and the department where one is looked at.
    query: tuple[tuple[str, str], ...] = ()
    dates: bool = False


@dataclass(frozen=True)
class Evidence:
    """A figure that the rows give, and from which value on the practice holds."""

    read: Callable[[Asked], Figures]
    threshold: float
    unit: str  # of `maturity.figures_in_words`
    window: Text
    at_most: bool = False
    rows: Place | None = None
    # Which of the two it shows, where the practice field is kept apart.
    of: Sense | None = None

    def is_met(self, figure: float | None) -> bool:
        """Whether the figure shows the practice; where there was nothing to judge by, it does not."""
        if figure is None:
            return False
        return figure <= self.threshold if self.at_most else figure >= self.threshold


@dataclass(frozen=True)
class Practice:
    """A thing that is done at a level; without evidence a coach attests it."""

    key: str
    level: Level
    title: Text
    takes: Text
    evidence: Evidence | None = None
    place: Place | None = None


NOW, MONTH, QUARTER = _("now"), _("the last four weeks"), _("the last 90 days")
SOURCES = Place(_("Sources"), "listening:sources", "listening.read_sources")
QUERIES = Place(_("Tracking queries"), "listening:queries", "listening.read_sources")
INSIGHTS = Place(_("Insights"), "listening:insights", "listening.read_briefs")
STREAM = Place(_("Stream"), "listening:stream", "listening.read")
TEAM = Place(_("Team"), "roles:team", "roles.read")
QUEUE = Place(_("Queue"), "engagement:queue", "engagement.read")
TARGETS = Place(_("Response targets"), "engagement:targets", "engagement.manage_targets")
REVIEWS = Place(_("Reviews"), "content:reviews", "content.review", (("tab", "ended"),))
REVIEW_POLICIES = Place(_("Review policies"), "content:review_policies", "content.manage_review")
CALENDAR = Place(_("Calendar"), "content:calendar", "content.read")
COMMITMENTS = Place(_("Cadence of our channels"), "content:commitments", "content.read")
JOINING = Place(_("Worth joining"), "engagement:worth_joining", "engagement.find_conversations")


def _assignments(*query: tuple[str, str], dates: bool = True) -> Place:
    return Place(_("These assignments"), "measurement:assignments", "measurement.read", query, dates)


PASSIVE = (
    Practice(
        "places-heard", Level.PASSIVE, _("The places we listen to are really read."),
        _("Look at the sources that fail or are silent: mend their address, or remove them."),
        Evidence(hearing.places_heard, 0.9, "share", _("the last two days"), rows=SOURCES, of="hearing"), SOURCES,
    ),
    Practice(
        "queries-active", Level.PASSIVE, _("We listen for ourselves and for our field, not for one name only."),
        _("Write a tracking query for your own names, and one for what your field talks about."),
        Evidence(hearing.queries_active, 2, "queries", NOW, rows=QUERIES), QUERIES,
    ),
    Practice(
        "listeners", Level.PASSIVE, _("Listening is somebody's named task."),
        _("Give somebody the position of an information gatherer."),
        Evidence(hearing.listeners, 1, "people", NOW, rows=TEAM), TEAM,
    ),
    Practice(
        "days-listened", Level.PASSIVE, _("Somebody listens every working day."),
        _("Open the stream once on every working day, and decide about what is new; half an hour is enough to begin."),
        Evidence(hearing.days_listened, 0.8, "share", MONTH, of="hearing"), STREAM,
    ),
    Practice(
        "stream-kept-short", Level.PASSIVE, _("What is heard is looked at before it is old."),
        _("Decide about what has waited longest; dismiss many at once, and have rules place what is always the same."),
        Evidence(hearing.waiting_long, 20, "mentions", MONTH, at_most=True, rows=STREAM, of="hearing"), STREAM,
    ),
    Practice(
        "insights-filed", Level.PASSIVE, _("What we learn reaches those whom it concerns."),
        _("File what others should know as an insight; the booth gets it with its brief."),
        Evidence(hearing.insights_filed, 2, "insights", MONTH, rows=INSIGHTS), INSIGHTS,
    ),
    Practice(
        "venues-known", Level.PASSIVE, _("We know where our community talks, and which of these places matter to us."),
        _("Go through the venue map together, and agree which places you follow and which you leave."),
        place=Place(_("Venue map"), "listening:venues", "listening.map_venues"),
    ),
)  # fmt: skip

RESPONSIVE = (
    Practice(
        "promises-made", Level.RESPONSIVE, _("It is written down by when people hear from us."),
        _("Set a response target for everything, and business hours in which it counts."),
        Evidence(answering.promises_made, 1, "targets", NOW, rows=TARGETS), TARGETS,
    ),
    Practice(
        "responders", Level.RESPONSIVE, _("More than one person can answer, so that nobody's holiday is a silence."),
        _("Give a second person the position of a frontline responder."),
        Evidence(answering.responders, 2, "people", NOW, rows=TEAM), TEAM,
    ),
    Practice(
        "answered-in-time", Level.RESPONSIVE, _("Those who speak to us are answered by when we promised."),
        _("See at which hours it is late: move time to them, or promise what you can keep."),
        Evidence(
            answering.answered_in_time, 0.8, "share", MONTH, rows=_assignments(("target", "missed")), of="answering"
        ),
        QUEUE,
    ),
    Practice(
        "weeks-in-time", Level.RESPONSIVE, _("We keep that week after week, not once."),
        _("Keep the middle answer within the target in each week; one bad week begins the count anew."),
        Evidence(answering.weeks_in_time, 4, "weeks", MONTH, rows=_assignments(), of="answering"), QUEUE,
    ),
    Practice(
        "little-overdue", Level.RESPONSIVE, _("Little lies about that should have been answered."),
        _("Answer or resolve what is overdue, the oldest first."),
        Evidence(
            answering.overdue_share, 0.1, "share", NOW, at_most=True,
            rows=_assignments(("state", "overdue"), dates=False), of="answering",
        ),
        QUEUE,
    ),
    Practice(
        "people-on-call", Level.RESPONSIVE, _("When it gets serious, somebody is called."),
        _("Put a coach on call, on their page in the team."),
        Evidence(answering.people_on_call, 1, "people", NOW, rows=TEAM), TEAM,
    ),
    Practice(
        "answers-prepared", Level.RESPONSIVE, _("What is asked again and again has a good answer ready."),
        _("Write saved replies for the questions that keep coming."),
        Evidence(
            answering.answers_prepared, 3, "saved replies", NOW,
            rows=Place(_("Saved replies"), "engagement:saved_replies", "engagement.use_saved_replies"),
        ),
        Place(_("Saved replies"), "engagement:saved_replies", "engagement.use_saved_replies"),
    ),
    Practice(
        "guidelines-read", Level.RESPONSIVE, _("Everybody who takes part has read our guidelines."),
        _("Have everybody say yes to what they say now, and ask each what is unclear."),
        Evidence(
            reading.guidelines_read, 0.9, "share", NOW,
            rows=Place(_("Who has read them"), "maturity:readers", "maturity.manage_guidelines"),
        ),
        Place(_("Guidelines"), "maturity:guidelines", "maturity.read"),
    ),
    Practice(
        "spokespeople-agreed", Level.RESPONSIVE,
        _("It is agreed who may speak for us when it gets serious, and who decides."),
        _("Agree it with those who lead, and write down who is asked at night."),
    ),
)  # fmt: skip

ENGAGING = (
    Practice(
        "conversations-joined", Level.ENGAGING, _("We take part in conversations that others began."),
        _("Join one conversation a week in which you have something to give."),
        Evidence(joining.conversations_joined, 4, "conversations", MONTH, rows=JOINING, of="answering"), JOINING,
    ),
    Practice(
        "giving-share", Level.ENGAGING, _("We give far more than we ask for."),
        _("Answer, help and recommend others before you speak of yourselves."),
        Evidence(
            joining.giving_share, 0.8, "share", QUARTER,
            rows=Place(_("Ledger"), "engagement:ledger", "engagement.find_conversations"), of="answering",
        ),
        Place(_("Ledger"), "engagement:ledger", "engagement.find_conversations"),
    ),
    Practice(
        "people-answering", Level.ENGAGING, _("It does not hang on one person."),
        _("Have a second person answer regularly: engaging is hardly done well by one alone."),
        Evidence(joining.people_answering, 2, "people", MONTH, rows=_assignments(("answered", "yes")), of="answering"),
        QUEUE,
    ),
    Practice(
        "conversations-started", Level.ENGAGING, _("We start conversations ourselves."),
        _("Plan a starter: a question of yours that is worth answering, in a place that knows you."),
        Evidence(
            joining.conversations_started, 1, "conversations", QUARTER,
            rows=Place(_("Starters"), "engagement:starters", "engagement.start"),
        ),
        Place(_("Starters"), "engagement:starters", "engagement.start"),
    ),
    Practice(
        "communities-known", Level.ENGAGING,
        _("We know the customs of the communities we take part in, and who is listened to there."),
        _("Write down for each community what is welcome there, what is not, and whom to ask."),
    ),
    Practice(
        "leaders-behind", Level.ENGAGING, _("Those who lead stand behind it: time and money are agreed."),
        _("Agree hours a week and a budget for a year with those who lead."),
    ),
)  # fmt: skip

CREATING = (
    Practice(
        "ideas-noted", Level.CREATING, _("What we could say is noted where we hear the question."),
        _("Note an idea straight from the mention that gave it."),
        Evidence(
            joining.ideas_noted, 4, "ideas", MONTH, rows=Place(_("Ideas"), "content:ideas", "content.read")
        ),
        Place(_("Ideas"), "content:ideas", "content.read"),
    ),
    Practice(
        "calendar-kept", Level.CREATING, _("There is an editorial calendar, and somebody keeps it."),
        _("Name who keeps it, and plan four weeks ahead."),
        Evidence(publishing.weeks_planned, 4, "weeks", _("from this week on"), rows=CALENDAR), CALENDAR,
    ),
    Practice(
        "rhythm-kept", Level.CREATING, _("We publish to a rhythm, and have kept it for four weeks."),
        _("Choose a rhythm that you can keep in a bad week, promise it for a channel, and keep it."),
        Evidence(publishing.weeks_kept, 4, "weeks", _("the last eight weeks"), rows=COMMITMENTS), COMMITMENTS,
    ),
    Practice(
        "review-agreed", Level.CREATING, _("What we publish is seen first by somebody who knows the subject."),
        _("Agree for each kind of content who looks at it, and within how many days."),
        Evidence(reviewing.reviewed_in_time, 0.8, "share", QUARTER, rows=REVIEWS), REVIEW_POLICIES,
    ),
    Practice(
        "outcome-measured", Level.CREATING, _("We know what our content brought, and change it by that."),
        _("Choose one figure for each kind of content, and look at it once a month."),
    ),
)  # fmt: skip

PRACTICES = (*PASSIVE, *RESPONSIVE, *ENGAGING, *CREATING)
BY_KEY = {practice.key: practice for practice in PRACTICES}
