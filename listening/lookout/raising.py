"""Write down what the lookout saw: one warning for one event, what drives it, and a mail for each coach on call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import log

from django.db.models import Count, Q

from listening.early_warning import Episode
from listening.lookout import counting, mailing
from listening.lookout.counting import STEP
from listening.lookout.watching import Judged, Sign, subject_of
from listening.matching.folding import fold
from listening.models import EarlyWarning, KnownEvent, Mention, Story, WatchedSeries
from listening.models.warnings import Measure
from roles.audit import record
from roles.live import look_again
from roles.models import Member, Role

# Two series that share half of their mentions show one event, if it began within this time.
SHARED, TOGETHER = 0.5, timedelta(hours=2)
MENTIONS_KEPT = 200
# A story drives a warning if so many, and this share, of its mentions tell it.
LEAST_OF_STORY, SHARE_OF_STORY = 3, 0.25
WORDS, TEXTS = 8, 300
# Around the event, this many counts are kept for its picture.
PICTURE = 96


def write(judged: Judged, *, at: datetime) -> int:
    """Raise, follow and end warnings as the signs say; returns how many were raised."""
    raised = 0
    # The narrower subject names the event; the whole organization then only shows it too.
    for sign in sorted(judged.signs, key=_breadth):
        running = EarlyWarning.objects.filter(series=sign.series, ended_at=None).first()
        if sign.change.kind == "ended":
            if running is not None:
                _end(running, sign)
        elif running is not None:
            _follow(running, sign.series, sign.change.episode)
        else:
            raised += _raise(sign, at=at)
    for series, episode in judged.running:
        for running in EarlyWarning.objects.filter(series=series, ended_at=None):
            _follow(running, series, episode)
    if judged.signs or judged.running:
        look_again("warnings")
    return raised


def _breadth(sign: Sign) -> tuple[bool, bool, int]:
    series = sign.series
    return (series.query_id is None and series.topic_id is None, series.measure != Measure.VOLUME, series.pk)


def _raise(sign: Sign, *, at: datetime) -> int:
    series, episode = sign.series, sign.change.episode
    mentions = _behind(series, episode)
    if same := _same_event(mentions, at=at):
        same.also = [*same.also, str(series)[:240]] if str(series) not in same.also else same.also
        if series.query_id is not None:
            same.also_queries = sorted({*same.also_queries, series.query_id})
        same.severity = max(same.severity, int(episode.severity))
        same.save(update_fields=["also", "also_queries", "severity"])
        return 0
    if EarlyWarning.objects.filter(series=series, began_at=episode.started_at).exists():
        return 0  # written already, and closed
    event = known_event(series, at=sign.at)
    warning = EarlyWarning(
        series=series,
        subject=series.subject[:200],
        kind=series.measure,
        began_at=episode.started_at,
        detected_at=at,
        is_hourly=series.is_hourly,
        known_event=event,
    )
    _take_figures(warning, series, episode, mentions)
    if event is not None and event.is_quiet:
        warning.state, warning.outcome = EarlyWarning.State.CLOSED, EarlyWarning.Outcome.KNOWN
        warning.closed_at, warning.note = at, event.name
    warning.save()
    record("raise_warning", warning, by=None, at=at, after={"severity": warning.severity, "value": warning.value})
    if warning.state == EarlyWarning.State.OPEN:
        tell_coaches(warning, at=at)
    return 1


def _follow(warning: EarlyWarning, series: WatchedSeries, episode: Episode) -> None:
    """Keep a running warning up to date: its peak, its picture, and what drives it."""
    _take_figures(warning, series, episode, _behind(series, episode))
    warning.save(
        update_fields=["severity", "last_at", "value", "expected", "once_in", "counts", "story", "mention_ids", "words"]
    )


def _end(warning: EarlyWarning, sign: Sign) -> None:
    warning.ended_at = max(sign.at, warning.began_at)
    warning.counts = [count[:5] for count in sign.series.recent[-PICTURE:]]
    warning.save(update_fields=["ended_at", "counts"])


def _take_figures(warning: EarlyWarning, series: WatchedSeries, episode: Episode, mentions: Sequence[int]) -> None:
    warning.severity = max(warning.severity or 0, int(episode.severity))
    warning.last_at = episode.last_at + STEP
    warning.value, warning.expected, warning.once_in = episode.peak_value, episode.expected, episode.once_in
    warning.counts = [count[:5] for count in series.recent[-PICTURE:]]
    warning.mention_ids = list(mentions)
    warning.story, warning.words = driver(mentions), telling_words(mentions)


def _behind(series: WatchedSeries, episode: Episode) -> list[int]:
    before = timedelta(hours=1) - STEP if series.is_hourly else timedelta(0)
    found = _captured(series, episode, before)
    if len(found) < min(episode.peak_value, MENTIONS_KEPT):
        # Some were captured in the hour before, and committed late.
        found = _captured(series, episode, timedelta(hours=1))
    return found


def _captured(series: WatchedSeries, episode: Episode, before: timedelta) -> list[int]:
    return counting.mentions_of(
        subject_of(series),
        episode.started_at - before,
        episode.last_at + STEP,
        negative=series.measure == Measure.NEGATIVE,
        limit=MENTIONS_KEPT,
    )


def _same_event(mentions: Sequence[int], *, at: datetime) -> EarlyWarning | None:
    """The warning that was raised for the same mentions a moment ago, if there is one."""
    wanted = set(mentions)
    for warning in EarlyWarning.objects.filter(ended_at=None, began_at__gte=at - TOGETHER).order_by("pk"):
        fewer = min(len(wanted), len(warning.mention_ids))
        if fewer and len(wanted & set(warning.mention_ids)) >= SHARED * fewer:
            return warning
    return None


def known_event(series: WatchedSeries, *, at: datetime) -> KnownEvent | None:
    """The event that is known for this time and subject."""
    of_all = Q(query=None, topic=None)
    mine = Q(query=series.query_id) if series.query_id else Q(topic=series.topic_id) if series.topic_id else of_all
    return KnownEvent.objects.filter(of_all | mine, starts_at__lte=at, ends_at__gte=at).order_by("pk").first()


def driver(mentions: Sequence[int]) -> Story | None:
    """The story that most of these mentions tell, if enough do."""
    told = Mention.objects.filter(pk__in=mentions).exclude(story=None).values("story")
    first = told.annotate(count=Count("pk")).order_by("-count", "story").first()
    if first is None or first["count"] < max(LEAST_OF_STORY, SHARE_OF_STORY * len(mentions)):
        return None
    return Story.objects.get(pk=first["story"])


def telling_words(mentions: Sequence[int]) -> list[str]:
    """Words that are in these mentions much more often than in those before them."""
    if not mentions:
        return []
    now = _words(Mention.objects.filter(pk__in=mentions[:TEXTS]))
    before = _words(Mention.objects.filter(pk__lt=min(mentions)).order_by("-pk")[:TEXTS])
    # Each word counts once in each text; a word that was always there is no news.
    scores = {
        word: count * log((count + 1) / (before[word] * len(mentions) / TEXTS + 1))
        for word, count in now.items()
        if count > 1 and len(word) > 2 and word.isalpha()
    }
    return [word[:60] for word in sorted(scores, key=lambda word: (-scores[word], word)) if scores[word] > 0][:WORDS]


def _words(mentions: Iterable[Mention]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in Mention.objects.filter(pk__in=[row.pk for row in mentions]).select_related("post"):
        found.update(set(fold(f"{row.post.title} {row.post.text}").split()))
    return found


def tell_coaches(warning: EarlyWarning, *, at: datetime) -> list[Member]:
    """Write a mail for each coach who is to know; it is sent within seconds, and once."""
    coaches = coaches_to_tell(at)
    mailing.tell(warning, coaches, at=at)
    return coaches


def coaches_to_tell(at: datetime) -> list[Member]:
    """Coaches on call, or who stand in for them, who are here; where there are none, coaches who are; else all."""
    people = Member.objects.active().filter(user__is_active=True)
    coaches = people.with_role(Role.COACH)
    # Whoever stands in for a coach need be none, but must be one whom a warning may reach.
    called = people.available(at).on_call(at).who_may("listening.read_warnings")
    for rows in (called, coaches.available(at), coaches):
        if found := list(rows.with_positions().by_name()):
            return found
    return []
