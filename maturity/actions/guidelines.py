"""Write guidelines, change what they say, put them in order, and retire what is no longer meant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from listening.models import Topic
from maturity.actions.gaps import close_gap
from maturity.models import GapReport, GuidelineSection, GuidelineTopic, GuidelineVersion, ReadingReminder
from roles.audit import record
from roles.models import Member, Organization
from roles.permissions import allowed

LONGEST = 20_000


@allowed("maturity.manage_guidelines")
@transaction.atomic
def add_guideline(
    organization: Organization, /, *, title: str, text: str, topics: Iterable[Topic] = (), is_internal: bool = False,
    gaps: Iterable[GapReport] = (), by: Member | None, at: datetime,
) -> GuidelineSection:  # fmt: skip
    """Write a section; it stands last, holds from now on, and closes the gaps for which it was written."""
    title, text = _sensible(title, text)
    last = GuidelineSection.objects.order_by("-position").values_list("position", flat=True).first()
    section = GuidelineSection.objects.create(
        title=title, position=(last or 0) + 1, is_internal=is_internal, created_at=at
    )
    names = _write_topics(section, topics)
    said = _write(section, text, by=by, at=at)
    after = {"title": title, "topics": names, "version": 1, "stays_inside": is_internal}
    record("add_guideline", section, by=by, at=at, after=after)
    _close(gaps, said, by=by, at=at)
    return section


@allowed("maturity.manage_guidelines")
@transaction.atomic
def change_guideline(
    section: GuidelineSection, /, *, title: str, text: str, topics: Iterable[Topic] = (), is_internal: bool = False,
    is_small: bool = False, gaps: Iterable[GapReport] = (), version: int | None = None, by: Member | None,
    at: datetime,
) -> GuidelineSection:  # fmt: skip
    """Say it otherwise: other words or another title are a new version; `version` is the one that the writer read.

    Everybody is asked to read a new version and say yes to it, unless the writer says that the change is small.
    """
    row = GuidelineSection.objects.select_for_update(of=("self",)).get(pk=section.pk)
    title, text = _sensible(title, text, but=row)
    if version is not None and version != row.version:
        raise ValidationError(_("Somebody has written another version since you opened this. Read it, then change it."))
    said = row.versions.get(number=row.version)
    before = _facts(row)
    names = _write_topics(row, topics)
    row.is_internal = is_internal
    if (said.title, said.text) != (title, text):
        row.title, row.version = title, row.version + 1
        row.asks_from = row.asks_from if is_small else row.version
        said = _write(row, text, is_small=is_small, by=by, at=at)
    row.save(update_fields=["title", "version", "asks_from", "is_internal"])
    after = {**_facts(row), "topics": names}
    if after != before:
        record("change_guideline", row, by=by, at=at, before=before, after=after)
    _close(gaps, said, by=by, at=at)
    return row


@allowed("maturity.manage_guidelines")
@transaction.atomic
def retire_guideline(section: GuidelineSection, *, by: Member | None, at: datetime) -> GuidelineSection:
    """Say that a section holds no longer; what it said stays to be read."""
    row = GuidelineSection.objects.select_for_update(of=("self",)).get(pk=section.pk)
    if row.retired_at is None:
        row.retired_at = at
        row.save(update_fields=["retired_at"])
        record("retire_guideline", row, by=by, at=at, before={"version": row.version})
    return row


@allowed("maturity.manage_guidelines")
@transaction.atomic
def take_up_guideline(section: GuidelineSection, *, by: Member | None, at: datetime) -> GuidelineSection:
    """Have a retired section hold again, as it was."""
    row = GuidelineSection.objects.select_for_update(of=("self",)).get(pk=section.pk)
    if row.retired_at is not None:
        _no_other(row.title, but=row)
        row.retired_at = None
        row.save(update_fields=["retired_at"])
        record("take_up_guideline", row, by=by, at=at, after={"version": row.version})
    return row


@allowed("maturity.manage_guidelines")
@transaction.atomic
def move_guideline(section: GuidelineSection, *, up: bool, by: Member | None, at: datetime) -> None:
    """Move a section one place up or down."""
    rows = list(GuidelineSection.objects.in_force().in_order().select_for_update(of=("self",)))
    keys = [row.pk for row in rows]
    if section.pk not in keys:
        raise ValidationError(_("It holds no longer, so it has no place among the others. Take it up first."))
    place = keys.index(section.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows, 1):
        row.position = position
    GuidelineSection.objects.bulk_update(rows, ["position"])
    record("move_guideline", section, by=by, at=at, before={"place": place + 1}, after={"place": other + 1})


def _sensible(title: str, text: str, *, but: GuidelineSection | None = None) -> tuple[str, str]:
    title, text = title.strip(), text.replace("\r\n", "\n").strip()
    if not title or len(title) > 120:
        raise ValidationError({"title": _("Give it a title of at most 120 characters.")})
    if not text:
        raise ValidationError({"text": _("Write what holds.")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("A section has at most %(n)s characters.") % {"n": LONGEST}})
    _no_other(title, but=but)
    return title, text


def _no_other(title: str, *, but: GuidelineSection | None) -> None:
    if GuidelineSection.objects.in_force().filter(title=title).exclude(pk=but.pk if but else 0).exists():
        raise ValidationError({"title": _("There is a section with this title already.")})


def _write(
    section: GuidelineSection, text: str, *, is_small: bool = False, by: Member | None, at: datetime
) -> GuidelineVersion:
    if not is_small:
        # Who was written to often enough about what was new before is written to about this.
        ReadingReminder.objects.filter(due_at=None).delete()
    return GuidelineVersion.objects.create(
        section=section, number=section.version, title=section.title, text=text, is_small=is_small, by=by,
        written_at=at,
    )  # fmt: skip


def _close(gaps: Iterable[GapReport], said: GuidelineVersion, *, by: Member | None, at: datetime) -> None:
    for gap in gaps:
        close_gap(gap, version=said, by=by, at=at)


def _facts(section: GuidelineSection) -> dict[str, Any]:
    return {
        "title": section.title,
        "topics": _topics_of(section),
        "version": section.version,
        "asks_from": section.asks_from,
        "stays_inside": section.is_internal,
    }


def _write_topics(section: GuidelineSection, topics: Iterable[Topic]) -> list[str]:
    wanted = {topic.pk: topic for topic in topics}
    section.topics.exclude(topic__in=wanted).delete()
    rows = [GuidelineTopic(section=section, topic=topic) for topic in wanted.values()]
    GuidelineTopic.objects.bulk_create(rows, ignore_conflicts=True)
    return sorted(str(topic) for topic in wanted.values())


def _topics_of(section: GuidelineSection) -> list[str]:
    return sorted(section.topics.values_list("topic__name", flat=True))
