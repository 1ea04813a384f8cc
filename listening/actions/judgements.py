"""Corrections: what a person says about a mention's language, sentiment or topic stands, whatever machines think.

Everything here holds the topic first and then the mention, as whoever judges in batches does, so that nobody waits for
each other for ever, and a machine that judged at the same moment finds the correction before it writes.
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.languages import CODES, language_name
from listening.models import Correction, Mention, Topic
from roles.audit import record
from roles.live import look_again
from roles.models import Member
from roles.permissions import allowed

Kind = Correction.Kind


@allowed("listening.triage")
@transaction.atomic
def correct_language(mention: Mention, *, language: str, by: Member | None, at: datetime) -> Mention:
    """Say in which language a mention is written; what hangs on the language is judged again."""
    if language not in CODES:
        raise ValidationError({"language": _("There is no language with this code.")})
    return _correct(_held(mention), Kind.LANGUAGE, language, verb="correct_language", by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def correct_sentiment(mention: Mention, *, sentiment: int, by: Member | None, at: datetime) -> Mention:
    """Say whether a mention is negative (-1), neutral (0) or positive (1)."""
    if sentiment not in Mention.Sentiment.values:
        raise ValidationError({"sentiment": _("Sentiment is negative (-1), neutral (0) or positive (1).")})
    return _correct(_held(mention), Kind.SENTIMENT, str(sentiment), verb="correct_sentiment", by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def give_topic(mention: Mention, *, topic: Topic, by: Member | None, at: datetime) -> Mention:
    """Say what a mention is about; a suggestion becomes a topic that was given."""
    held = Topic.objects.select_for_update(of=("self",), no_key=True).filter(pk=topic.pk).first()
    if held is None or not held.is_active:
        raise ValidationError({"topic": _("This topic is not in use any more. Look at the list of topics again.")})
    return _correct(_held(mention), Kind.TOPIC, str(held.pk), verb="give_topic", by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def take_topic_away(mention: Mention, *, by: Member | None, at: datetime) -> Mention:
    """Say that a mention has none of the topics; no machine suggests one again."""
    return _correct(_held(mention), Kind.TOPIC, "", verb="take_topic_away", by=by, at=at)


@allowed("listening.triage")
@transaction.atomic
def take_back_correction(mention: Mention, *, kind: str, by: Member | None, at: datetime) -> Mention:
    """Leave a judgement to the machine again: what it said before stands at once, and it judges anew."""
    known = Correction.objects.filter(mention=mention, kind=kind).first()
    if kind == Kind.TOPIC and known is not None and known.before:
        Topic.objects.select_for_update(of=("self",), no_key=True).filter(pk=int(known.before)).first()
    mention = _held(mention)
    correction = Correction.objects.filter(mention=mention, kind=kind).first()
    if correction is None or kind == Kind.STORY:
        return mention
    before = in_words(mention, kind)
    correction.delete()
    let_stand(mention, kind, correction.before, score=correction.before_score)
    _save(mention, judge_again=True)
    record("take_back_correction", mention, by=by, at=at, before={kind: before}, after={kind: in_words(mention, kind)})
    return mention


def _held(mention: Mention) -> Mention:
    return Mention.objects.with_posts().select_for_update(of=("self",)).get(pk=mention.pk)


def _correct(mention: Mention, kind: Kind, value: str, *, verb: str, by: Member | None, at: datetime) -> Mention:
    known = Correction.objects.filter(mention=mention, kind=kind).first()
    if known is not None and known.value == value:
        return mention
    before = in_words(mention, kind)
    if known is None:
        said, score = said_of(mention, kind)
        known = Correction(mention=mention, kind=kind, before=said, before_score=score, before_by=mention.judged_by)
    known.value, known.by, known.at = value, by, at
    known.save()
    let_stand(mention, kind, value, score=float(value) if kind == Kind.SENTIMENT else None)
    _save(mention, judge_again=kind == Kind.LANGUAGE)
    record(verb, mention, by=by, at=at, before={kind: before}, after={kind: in_words(mention, kind)})
    return mention


def said_of(mention: Mention, kind: str) -> tuple[str, float | None]:
    """What stands now, as a correction keeps it."""
    match kind:
        case Kind.LANGUAGE:
            return mention.language, None
        case Kind.SENTIMENT:
            return "" if mention.sentiment is None else str(mention.sentiment), mention.sentiment_score
    return str(mention.topic_id or ""), mention.topic_score


def let_stand(mention: Mention, kind: str, value: str, *, score: float | None) -> None:
    """Write what stands now into a mention, which is not saved yet."""
    match kind:
        case Kind.LANGUAGE:
            mention.language = value
        case Kind.SENTIMENT:
            mention.sentiment, mention.sentiment_score = int(value) if value else None, score
        case Kind.TOPIC:
            mention.topic = Topic.objects.filter(pk=int(value)).first() if value else None
            mention.topic_score = score if mention.topic else None


def in_words(mention: Mention, kind: str) -> str:
    """What stands now, as the audit log keeps it."""
    match kind:
        case Kind.LANGUAGE:
            return language_name(mention.language)
        case Kind.SENTIMENT:
            return "" if mention.sentiment is None else str(mention.get_sentiment_display())
    return str(mention.topic or "")


def _save(mention: Mention, *, judge_again: bool) -> None:
    if judge_again:
        mention.judged_by = ""
    mention.save(update_fields=["language", "sentiment", "sentiment_score", "topic", "topic_score", "judged_by"])
    look_again("stream")
