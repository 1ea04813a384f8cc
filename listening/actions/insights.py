"""Insights: what a gatherer files for others to know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Insight, InsightMention, Mention
from roles.audit import record
from roles.models import Department, Member, Organization
from roles.permissions import allowed, require

MOST_MENTIONS = 200


@allowed("listening.file_insight")
@transaction.atomic
def file_insight(
    organization: Organization,
    *,
    title: str,
    text: str = "",
    department: Department | None = None,
    mentions: Sequence[Mention] = (),
    by: Member | None,
    at: datetime,
) -> Insight:
    """File what was learned from some mentions, for a department or for everybody."""
    _check(title, mentions)
    insight = Insight.objects.create(
        title=" ".join(title.split()), text=text.strip(), department=department, filed_at=at, filed_by=by
    )
    _rest_on(insight, mentions)
    record("file_insight", insight, by=by, at=at, after={"department": str(department or ""), "on": len(mentions)})
    return insight


@allowed("listening.file_insight")
@transaction.atomic
def change_insight(
    insight: Insight, *, title: str, text: str, department: Department | None, by: Member | None, at: datetime
) -> Insight:
    """Say it better, or to somebody else."""
    insight = Insight.objects.select_for_update(of=("self",)).get(pk=insight.pk)
    _check(title, ())
    if by is not None:
        require(by, "listening.file_insight", department)
    before = {"title": insight.title, "text": insight.text, "department": str(insight.department or "")}
    insight.title, insight.text, insight.department = " ".join(title.split()), text.strip(), department
    after = {"title": insight.title, "text": insight.text, "department": str(department or "")}
    if before == after:
        return insight
    insight.changed_at = at
    insight.save(update_fields=["title", "text", "department", "changed_at"])
    record("change_insight", insight, by=by, at=at, before=before, after=after)
    return insight


@allowed("listening.file_insight")
@transaction.atomic
def add_mentions(insight: Insight, *, mentions: Sequence[Mention], by: Member | None, at: datetime) -> Insight:
    """Let an insight rest on more mentions."""
    insight = Insight.objects.select_for_update(of=("self",)).get(pk=insight.pk)
    if InsightMention.objects.filter(insight=insight).count() + len(mentions) > MOST_MENTIONS:
        raise ValidationError(_("An insight rests on at most %(most)d mentions.") % {"most": MOST_MENTIONS})
    _rest_on(insight, mentions)
    record("add_mentions", insight, by=by, at=at, after={"on": len(mentions)})
    return insight


@allowed("listening.file_insight")
@transaction.atomic
def withdraw_insight(insight: Insight, *, by: Member | None, at: datetime) -> Insight:
    """Take an insight back; it stands in no further brief."""
    return _withdraw(insight, "withdraw_insight", at, by=by, at=at)


@allowed("listening.file_insight")
@transaction.atomic
def restore_insight(insight: Insight, *, by: Member | None, at: datetime) -> Insight:
    """Let an insight stand again."""
    return _withdraw(insight, "restore_insight", None, by=by, at=at)


def _withdraw(
    insight: Insight, verb: str, withdrawn_at: datetime | None, *, by: Member | None, at: datetime
) -> Insight:
    insight = Insight.objects.select_for_update(of=("self",)).get(pk=insight.pk)
    if bool(insight.withdrawn_at) == bool(withdrawn_at):
        return insight
    insight.withdrawn_at = withdrawn_at
    insight.save(update_fields=["withdrawn_at"])
    record(verb, insight, by=by, at=at)
    return insight


def _check(title: str, mentions: Sequence[Mention]) -> None:
    if not title.strip():
        raise ValidationError({"title": _("Say in one line what was learned.")})
    if len(mentions) > MOST_MENTIONS:
        raise ValidationError(_("An insight rests on at most %(most)d mentions.") % {"most": MOST_MENTIONS})


def _rest_on(insight: Insight, mentions: Sequence[Mention]) -> None:
    rows = [InsightMention(insight=insight, mention=mention) for mention in mentions]
    InsightMention.objects.bulk_create(rows, ignore_conflicts=True)
