"""What stands of a mention's language, sentiment, topic and relevance, and who says so: a person, or which machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from listening.explaining import reasons
from listening.languages import language_name, languages
from listening.models import Correction, Mention, Topic

Kind = Correction.Kind
LIKELY, UNLIKELY = 0.65, 0.35


@dataclass(frozen=True, slots=True)
class Opinion:
    """One judgement in words, with who made it; `at` is when, where it was a person."""

    kind: str
    value: str
    words: str
    by: str
    at: datetime | None = None
    # How sure the machine is, in whole percent; none where a person spoke or where it cannot say.
    percent: int | None = None

    @property
    def is_persons(self) -> bool:
        """Whether a person said so; machines do not touch it then."""
        return self.at is not None


def panel(mention: Mention) -> dict[str, Any]:
    """What `listening/_judgements.html` shows of a mention, and what a person can choose from."""
    return {
        "opinions": opinions(mention, Correction.objects.of([mention]).get(mention.pk, {})),
        "languages": languages(),
        "sentiments": Mention.Sentiment.choices,
        "topics": Topic.objects.active().by_name(),
        "because": reasons([mention]).get(mention.pk),
    }


def opinions(mention: Mention, corrections: Mapping[str, Correction]) -> dict[str, Opinion]:
    """What stands of a mention, by kind of judgement."""
    makers = makers_of(mention)
    topic_percent = round(mention.topic_score * 100) if mention.topic_score is not None else None
    sentiment = "" if mention.sentiment is None else str(mention.sentiment)
    found: list[tuple[str, str, str, int | None]] = [
        (str(Kind.LANGUAGE), mention.language, language_name(mention.language), None),
        (str(Kind.SENTIMENT), sentiment, str(mention.get_sentiment_display() or ""), None),
        (str(Kind.TOPIC), str(mention.topic_id or ""), str(mention.topic or ""), topic_percent),
    ]
    stands = {"relevance": _relevance(mention, makers)}
    for kind, value, words, percent in found:
        if said := corrections.get(kind):
            stands[kind] = Opinion(kind, value, words, str(said.by or _("Somebody who has left")), said.at)
        else:
            stands[kind] = Opinion(kind, value, words, maker_in_words(makers.get(kind, "")), percent=percent)
    return stands


def _relevance(mention: Mention, makers: Mapping[str, str]) -> Opinion:
    if mention.relevance is None:
        return Opinion("relevance", "", "", "")
    maker = maker_in_words(makers.get("relevance", ""))
    words = relevance_in_words(mention.relevance)
    return Opinion("relevance", str(mention.relevance), words, maker, percent=round(mention.relevance * 100))


def relevance_in_words(relevance: float) -> str:
    """Say how likely it is that a mention matters."""
    if relevance >= LIKELY:
        return _("Likely relevant")
    return _("Hard to say") if relevance > UNLIKELY else _("Likely not relevant")


def makers_of(mention: Mention) -> dict[str, str]:
    """Which machine made each judgement, as `judged_by` keeps it."""
    pairs = (part.partition("=") for part in mention.judged_by.split(";") if "=" in part)
    return {kind.strip(): maker.strip() for kind, _equals, maker in pairs}


def maker_in_words(maker: str) -> str:
    """Say which machine it was."""
    if maker.isdecimal():
        return _("learned model, version %(version)s") % {"version": maker}
    if maker.startswith("shipped"):
        return _("as delivered with Touchline")
    return _("as the network says") if maker == "network" else maker
