"""What the templates of listening say again and again: the quiet marks beside a mention."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from listening.connections.money import dollars as in_words
from listening.languages import language_name
from listening.models import Connection, Mention, Story
from listening.networks import can, icon_of, label_of
from listening.networks.connecting import Connects
from listening.translating import translated as in_readers_language
from roles.permissions import decide
from roles.templatetags.touchline import icon
from roles.wording import labelled

register = template.Library()

LIKELY, UNLIKELY = 0.8, 0.2
MOST_BANNERS = 3


class Mark(NamedTuple):
    """A word beside a mention; the kind only colours it."""

    label: str
    kind: str = ""
    title: str = ""


@register.filter
def network_label(name: str) -> str:
    """What a network is called; its key where it is not installed any more."""
    return label_of(name)


@register.filter
def translated(said: str) -> str:
    """What a network said, in the reader's language."""
    return in_readers_language(said)


@register.filter
def dollars(thousandths: float) -> str:
    """A sum of money."""
    return in_words(int(thousandths))


@register.simple_tag
def network_icon(network: str, extra: str = "icon--small") -> SafeString:
    """The sign of a network."""
    return icon(icon_of(network), extra)


@register.inclusion_tag("listening/_cut_off.html", takes_context=True)
def cut_off(context: Context, network: str = "") -> dict[str, Any]:
    """What nothing goes through any more until it is connected again: everywhere, or at one network."""
    rows: list[Connection] = []
    if not network or can(network, Connects):
        found = Connection.objects.withdrawn()
        rows = list((found.filter(network=network) if network else found).by_name()[:MOST_BANNERS])
    member = context.get("member")
    may_mend = bool(rows) and member is not None and decide(member, "listening.manage_connections")
    return {"cut_off": rows, "may_mend": may_mend}


@register.simple_tag
def marks(mention: Mention) -> list[Mark]:
    """What one should know of a mention before reading it: decision, relation, sentiment, language, topic, story."""
    found = _of_state(mention)
    if mention.post.is_internal:
        found.append(Mark(_("Internal"), "note"))
    if mention.channel:
        found.append(Mark(_("To @%(channel)s") % {"channel": mention.channel.handle}, "level"))
    if mention.sentiment:
        kind = "late" if mention.sentiment < 0 else "ok"
        found.append(Mark(str(mention.get_sentiment_display()), kind, _("Sentiment")))
    if mention.topic:
        is_suggested = mention.topic_score is not None
        words = _("%(topic)s?") % {"topic": mention.topic} if is_suggested else str(mention.topic)
        found.append(Mark(words, "info", _("Suggested topic") if is_suggested else _("Topic")))
    if mention.language and mention.language != (get_language() or "en")[:2]:
        found.append(Mark(language_name(mention.language), "", _("Language")))
    if mention.story and mention.story.size > 1 and len(getattr(mention, "waiting", ())) < 2:
        more = mention.story.size - 1
        found.append(Mark(ngettext("+ %(n)s place", "+ %(n)s places", more) % {"n": more}, "", mention.story.headline))
    if mention.relevance is not None and mention.relevance >= LIKELY:
        found.append(Mark(_("Likely relevant"), "", _("As learned from what was decided before")))
    if mention.relevance is not None and mention.relevance <= UNLIKELY:
        found.append(Mark(_("Likely not relevant"), "", _("As learned from what was decided before")))
    return found


def _of_state(mention: Mention) -> list[Mark]:
    match mention.state:
        case Mention.State.UNTRIAGED:
            return []
        case Mention.State.ROUTED if mention.department:
            return [Mark(_("Given to %(department)s") % {"department": mention.department}, "state")]
        case Mention.State.DISMISSED if mention.triage_code:
            return [Mark(labelled(mention.get_state_display(), mention.get_triage_code_display()), "state")]
    return [Mark(str(mention.get_state_display()), "state")]


@register.simple_tag
def told_in(story: Story) -> str:
    """Over how long a story was told so far."""
    if story.last_at - story.first_at < timedelta(minutes=1):
        return _("within a minute")
    return _("within %(span)s") % {"span": timesince(story.first_at, story.last_at, depth=1)}


@register.simple_tag
def source_of(mention: Mention) -> str:
    """Where a mention was found, unless the author is called so too."""
    source = str(mention.source or label_of(mention.network))
    return "" if source == str(mention.post.author or "") else source
