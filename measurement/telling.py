"""What changed, in sentences: a figure beside another says less than “sooner, although there was more to do”."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from measurement.figures import Figures
from measurement.measuring import Measured
from measurement.periods import said_before
from measurement.saying import balance, number, share
from measurement.windows import Window
from roles import wording
from roles.wording import listed

# Below a twentieth nothing is worth a word.
ENOUGH = 0.05
# Of fewer answers or mentions a change is chance.
FEWEST = 5
PARTS = ((0.25, lazy("a quarter")), (1 / 3, lazy("a third")), (0.5, lazy("half")))
# From so much more on nobody reads per cent any longer: three times as many.
MANIFOLD = 2.0


def sentences(found: Figures) -> list[str]:
    """A few sentences on a window beside the one before it; none where there is nothing to compare."""
    counted = (found.now.captured, found.before.captured)
    if not found.selection.of_mentions:
        counted = (found.now.answered, found.before.answered)
    if min(counted) < FEWEST:
        return []
    told = [_answers(found), _of_what(found), _sentiment(found), _targets(found), _waiting(found)]
    return [sentence for sentence in told if sentence] or [_("Nothing has changed much since the days before.")]


def published_sentences(measured: Mapping[str, Measured], window: Window) -> list[str]:
    """What was published and what came of it; none where nothing was published."""
    out = measured["publications"]
    if not out.now:
        return [_("Nothing was published in these days.")] if out.before else []
    words = {"now": number(out.now), "before": number(out.before or 0), "then": said_before(window)}
    told = [_("Published: %(now)s, after %(before)s in %(then)s.") % words]
    came = [
        (_("answers"), "publication_answers"), (_("likes"), "publication_likes"), (_("reposts"), "publication_reposts"),
        (_("clicks"), "link_clicks"),
    ]  # fmt: skip
    known = [(what, measured[key].now) for what, key in came]
    drew = [f"{number(value)} {what}" for what, value in known if value is not None]
    if drew:
        told.append(_("It brought %(came)s.") % {"came": listed(drew)})
    return told


def _answers(found: Figures) -> str:
    """How much came, and how soon it was answered, in one sentence where both moved."""
    heard = found.before.captured
    # Of a department nobody knows how much was heard.
    more = (found.now.captured - heard) / heard if heard else 0.0
    now, before = found.now.median, found.before.median
    moved = abs(more) >= ENOUGH
    enough = min(found.now.answered, found.before.answered) >= FEWEST
    if now is None or before is None or not enough or abs(now - before) < ENOUGH * before:
        words = {"part": _part(more), "then": said_before(found.window)}
        if not moved:
            return ""
        if more > 0:
            return _("Mentions rose by %(part)s over %(then)s.") % words
        return _("Mentions fell by %(part)s from %(then)s.") % words
    words = {"time": wording.span(abs(before - now)), "then": said_before(found.window), "part": _part(more)}
    sooner = now < before
    if not moved:
        if sooner:
            return _("Answers came %(time)s sooner than in %(then)s.") % words
        return _("Answers came %(time)s later than in %(then)s.") % words
    if sooner and more > 0:
        told = _("Answers came %(time)s sooner than in %(then)s, although mentions rose by %(part)s.")
    elif sooner:
        told = _("Answers came %(time)s sooner than in %(then)s, as mentions fell by %(part)s.")
    elif more > 0:
        told = _("Answers came %(time)s later than in %(then)s, as mentions rose by %(part)s.")
    else:
        told = _("Answers came %(time)s later than in %(then)s, although mentions fell by %(part)s.")
    return told % words


def _sentiment(found: Figures) -> str:
    one = Measured("net_sentiment", found.now.net_sentiment, found.before.net_sentiment)
    if min(found.now.judged, found.before.judged) < FEWEST or one.is_better is None:
        return ""
    words = {"now": balance(one.now), "before": balance(one.before)}
    if one.is_better:
        return _("What was said sounded friendlier: net sentiment is %(now)s after %(before)s.") % words
    return _("What was said sounded less friendly: net sentiment is %(now)s after %(before)s.") % words


def _of_what(found: Figures) -> str:
    """Which query made most of the difference, where one did."""
    change = found.now.captured - found.before.captured
    if abs(change) < max(FEWEST, ENOUGH * found.before.captured) or len(found.query_names) < 2:
        return ""
    moves = {key: found.now.by_query[key] - found.before.by_query[key] for key in found.query_names}
    key = max(moves, key=lambda one: moves[one] * change)
    if 2 * moves[key] * change < change * change:
        return ""
    words = {
        "query": found.query_names[key],
        "now": number(found.now.by_query[key]),
        "before": number(found.before.by_query[key]),
    }
    return _("“%(query)s” made most of the difference: %(now)s mentions after %(before)s.") % words


def _targets(found: Figures) -> str:
    kept, before = found.now.share_in_time, found.before.share_in_time
    if kept is None or found.now.targeted < FEWEST:
        return ""
    words = {"kept": share(kept), "before": share(before)}
    if before is None or found.before.targeted < FEWEST or abs(kept - before) < ENOUGH:
        return _("%(kept)s of the first responses that were promised came in time.") % words
    return _("%(kept)s of the first responses that were promised came in time, after %(before)s.") % words


def _waiting(found: Figures) -> str:
    """What lies there longer than it should, now."""
    if not found.overdue:
        return ""
    said = ngettext(
        "%(n)s assignment waits longer than was promised.", "%(n)s assignments wait longer than was promised.",
        found.overdue,
    )  # fmt: skip
    return said % {"n": number(found.overdue)}


def _part(change: float) -> str:
    """A rise, or a fall (below 0), as people say it; what fell has nothing left that could be as much again."""
    if 0.95 <= change <= 1.05:
        return _("as much again")
    if change >= MANIFOLD:
        return _("a factor of %(n)s") % {"n": number(round(1 + change))}
    change = abs(change)
    for value, words in PARTS:
        if abs(change - value) <= 0.02:
            return str(words)
    return _("%(n)s %%") % {"n": number(round(100 * change))}
