"""What concerns a department in a span of time, gathered for people who are not here daily."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core import signing
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from listening.models import BriefPlan, BriefReader, Insight, Mention, Post, Story, TrackingQuery
from roles.models import Department, Member, Position, Role
from roles.tenancy import active_organization_id

MOST_TOPICS, MOST_STORIES, MOST_QUOTES, MOST_INSIGHTS = 5, 3, 5, 20
QUOTE = 280
SALT = "touchline.brief-reader"


def next_moment(weekdays: Sequence[int], at_time: time, *, zone: ZoneInfo, after: datetime) -> datetime:
    """Return the next moment after `after` at which the zone's clock shows the time on one of the days (0 is Monday).

    A time that the change to summer time leaves out is taken as far after the change; one that occurs twice, the first.
    """
    if not weekdays:
        raise ValueError("There is no next moment without a day.")
    day = after.astimezone(zone).date()
    for ahead in range(15):
        moment = _moment(day + timedelta(days=ahead), at_time, zone)
        if moment > after and (day + timedelta(days=ahead)).weekday() in weekdays:
            return moment
    raise ValueError("Days are numbered from 0, Monday, to 6.")


def _moment(day: date, at_time: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at_time, tzinfo=zone).astimezone(ZoneInfo("UTC"))


def concerning(department: Department | None) -> QuerySet[Mention]:
    """Mentions that concern a department: given to it, on a topic of its own, or found by a query of its own."""
    rows = Mention.objects.exclude(state=Mention.State.DISMISSED)
    if department is None:
        return rows
    own = TrackingQuery.objects.filter(department=department).values_list("pk", flat=True)
    return rows.filter(Q(department=department) | Q(topic__department=department) | Q(query_ids__overlap=list(own)))


def gather(department: Department | None, *, since: datetime, until: datetime) -> dict[str, Any]:
    """Return what a brief says, ready to be stored: figures, topics, stories, insights and some voices."""
    everything = concerning(department)
    rows = everything.filter(captured_at__gte=since, captured_at__lt=until)
    before = everything.filter(captured_at__gte=since - (until - since), captured_at__lt=since)
    return {
        "mentions": rows.count(),
        "before": before.count(),
        "sentiment": _sentiment(rows),
        "topics": _topics(rows),
        "stories": _stories(rows),
        "insights": _insights(department, since=since, until=until),
        "voices": _voices(rows),
    }


def _sentiment(rows: QuerySet[Mention]) -> dict[str, int]:
    counts = dict(rows.exclude(sentiment=None).order_by().values_list("sentiment").annotate(Count("pk")))
    return {"negative": counts.get(-1, 0), "neutral": counts.get(0, 0), "positive": counts.get(1, 0)}


def _topics(rows: QuerySet[Mention]) -> list[dict[str, Any]]:
    counted = rows.exclude(topic=None).order_by().values("topic_id", "topic__name").annotate(count=Count("pk"))
    return [
        {"id": row["topic_id"], "name": row["topic__name"], "count": row["count"]}
        for row in counted.order_by("-count", "topic__name")[:MOST_TOPICS]
    ]


def _stories(rows: QuerySet[Mention]) -> list[dict[str, Any]]:
    counted = rows.exclude(story=None).order_by().values("story_id").annotate(count=Count("pk")).filter(count__gt=1)
    return [
        {"id": row["story_id"], "count": row["count"]} for row in counted.order_by("-count", "story_id")[:MOST_STORIES]
    ]


def _insights(department: Department | None, *, since: datetime, until: datetime) -> list[dict[str, Any]]:
    rows = Insight.objects.filter(filed_at__gte=since, filed_at__lt=until, withdrawn_at=None)
    if department is not None:
        rows = rows.filter(Q(department=department) | Q(department=None))
    return [
        {"id": row.pk, "title": row.title, "text": row.text, "by": str(row.filed_by or "")}
        for row in rows.select_related("filed_by__user").order_by("-pk")[:MOST_INSIGHTS]
    ]


def _voices(rows: QuerySet[Mention]) -> list[int]:
    """The most relevant mentions, one of each story."""
    found = rows.filter(post__withdrawn_at=None, post__cleaned_at=None)
    chosen: list[int] = []
    stories: set[int] = set()
    best = found.order_by(Coalesce("relevance", 0.5).desc(), "-pk").values_list("pk", "story_id")
    for key, story in best[: 4 * MOST_QUOTES]:
        if story in stories or len(chosen) == MOST_QUOTES:
            continue
        if story:
            stories.add(story)
        chosen.append(key)
    return chosen


def tell(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a brief's content with the words of its voices and stories, as far as they are still kept.

    A brief stores no words of others, so that what is taken back or cleaned up is gone from it too.
    """
    headlines = Story.objects.in_bulk([row["id"] for row in content.get("stories", ())])
    mentions = Mention.objects.select_related("post__author").in_bulk(content.get("voices", ()))
    said = [mentions[key] for key in content.get("voices", ()) if key in mentions]
    return {
        **content,
        "judged": sum(content.get("sentiment", {}).values()),
        "stories": [
            {**row, "headline": str(headlines[row["id"]])}
            for row in content.get("stories", ())
            if row["id"] in headlines
        ],
        "voices": [
            {"id": row.pk, "text": _cut(row.post), "author": str(row.post.author or ""), "network": row.network}
            for row in said
            if not (row.post.withdrawn_at or row.post.cleaned_at)
        ],
    }


def _cut(post: Post) -> str:
    text = " ".join((post.title or post.text).split())
    return text if len(text) <= QUOTE else f"{text[:QUOTE].rsplit(' ', 1)[0]} …"


def readers(plans: Sequence[BriefPlan]) -> dict[int, list[Member]]:
    """Return who gets the briefs of each plan: the booth of its department, and whoever asked, but for who declined."""
    said: dict[int, dict[int, bool]] = {plan.pk: {} for plan in plans}
    for plan_id, member_id, wants_it in BriefReader.objects.filter(plan__in=plans).values_list(
        "plan_id", "member_id", "wants_it"
    ):
        said[plan_id][member_id] = wants_it
    positions = Position.objects.in_force().filter(role=Role.BOOTH).select_related("department")
    booth: list[tuple[int, int | None]] = [(row.member_id, key) for row in positions for key in row.reach]
    wanted = {key for choices in said.values() for key in choices} | {member for member, _department in booth}
    members = Member.objects.active().select_related("user").filter(pk__in=wanted).in_bulk()
    found: dict[int, list[Member]] = {}
    for plan in plans:
        of_booth = {key for key, department in booth if department in (None, plan.department_id)}
        keys = {key for key in of_booth | said[plan.pk].keys() if said[plan.pk].get(key, True)}
        found[plan.pk] = sorted((members[key] for key in keys if key in members), key=str)
    return found


def stop_key(plan: BriefPlan, member: Member) -> str:
    """Return the key of the link by which a reader ends a plan's mails without signing in."""
    return signing.dumps([active_organization_id(), plan.pk, member.pk], salt=SALT)


def read_stop_key(key: str) -> tuple[int, int, int] | None:
    """Return the organization, plan and member that a key names, or None where it is not one of ours."""
    try:
        organization, plan, member = signing.loads(key, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return organization, plan, member


def weekdays_in_order(days: Iterable[int]) -> list[int]:
    """Return days of the week once each, Monday (0) first."""
    return sorted({day for day in days if 0 <= day <= 6})
