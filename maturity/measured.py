"""What measurement cannot know by itself: hours, cadence and level, as metrics and as marks on the time line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, DateTimeField, F, IntegerField, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from maturity.kept_together import KeptBlocks, kept_blocks
from maturity.models import BudgetedTime, GuidelineVersion, MeasuredTime, SurgePlan, TimeEntry
from maturity.spent import day_of
from maturity.teams import is_nobodys_own, may_see_total, only_in
from measurement.authors import LONGEST
from measurement.investing import spend_hours
from measurement.measuring import Reader, read_with
from measurement.metric import COST, NOW, Metric
from measurement.metrics import define, ratio
from measurement.opening import DATED, ELSEWHERE
from measurement.selecting import Selection
from measurement.timeline import Mark, tell_with
from measurement.windows import Window
from roles.models import AuditEntry, Department, Level, Member
from roles.statements import Statement
from roles.tenancy import active_organization

Read = Callable[[Sequence[Selection], datetime, Member | None], Sequence[float | None]]
METRICS: dict[str, Metric] = {
    "hours_spent": Metric(
        _("Hours spent"), "hours", _("hours"), COST,
        formula=_("sum of hours"),
        counts=_("Measured while people worked here, and what they entered and corrected; of all five activities."),
        exclusions=_(
            "Idle time. A department's hours are those of people who hold positions nowhere but in it and below it. Of"
            " fewer than three people nobody sees a total who does not coach them, nor one that tells it beside another"
            " total. Outside and practice field are not told apart."
        ),
        source="MeasuredTime, TimeEntry",
    ),
    "hours_budgeted": Metric(
        _("Hours budgeted"), "hours", _("hours"), COST,
        formula=_("hours a week × days ÷ 7"),
        counts=_("Hours a week as they are planned now, for as many days; of a department with all below it."),
        source="BudgetedTime",
    ),
    "cadence_kept": Metric(
        _("Cadence kept"), "share", _("per cent"), COST,
        formula=_("blocks kept ÷ blocks to keep"),
        counts=_("Blocks of the cadence on these days; kept where half of their time was spent on their activity."),
        denominator=_("Blocks of these days that are over."),
        exclusions=_(
            "Holidays, and the blocks of whoever was away. Where fewer than three people had a block to keep, it is"
            " shown only to who coaches them."
        ),
        source="TimeBlock, MeasuredTime, TimeEntry", better=1,
        precision=_("Exact. Shown for 92 days at most: more blocks cannot be counted while you wait."),
        longest=LONGEST,
    ),
    "level": Metric(
        _("Level"), "level", _("level"), COST,
        formula=_("the level that was set last"),
        counts=_("Where the organization or the department stood at the end of these days."),
        source="AuditEntry set_level", clock=NOW,
    ),
}  # fmt: skip
PLACES = {
    "hours_spent": "maturity:spent_hours", "hours_budgeted": "maturity:budget", "cadence_kept": "maturity:kept_blocks",
    "level": "maturity:playbook",
}  # fmt: skip


def tell_measurement() -> None:
    """Hand all of it to measurement, which knows nothing of this app."""
    define(METRICS)
    for key, reader in READERS.items():
        read_with(_only(key, reader), key)
    spend_hours(hours_by_day)
    tell_with(marks)
    ELSEWHERE.update(PLACES)
    DATED.update({"maturity:kept_blocks", "maturity:spent_hours"})


def hours_by_day(selection: Selection, viewer: Member | None) -> Mapping[date, float] | None:
    """Hours that were spent on each day; None where they would tell of somebody who is not coached by who looks."""
    time = spent_time(selection, viewer)
    if time is None:
        return None
    hours = defaultdict[date, float](float)
    for rows in time:
        for day, seconds in rows.by_day().items():
            hours[day] += seconds / 3600
    return {day: max(0.0, count) for day, count in hours.items()}


def spent_time(selection: Selection, viewer: Member | None) -> Sequence[Any] | None:
    """The rows behind hours that were spent, measured and entered; None where whoever looks may not see their total."""
    if selection.network or selection.member or not selection.of_work:
        return None
    department = _department(selection)
    if not _may_see(viewer, department):
        return None
    found = []
    for model in (MeasuredTime, TimeEntry):
        rows = model.objects.between(selection.window.first, selection.window.last)
        found.append(rows.filter(member__in=only_in(department)) if department is not None else rows)
    return found


def marks(first: datetime, last: datetime, department: int | None) -> Iterable[Mark]:
    """Surge plans in force, releases of guidelines and changes of level, as marks on the time line."""
    for kind, title, began_at, ended_at, key, where, said, number in _HAPPENED.rows(first=first, last=last):
        day = day_of(began_at)
        if kind == "surge" and (department is None or where in {"", str(department)}):
            until = day_of(ended_at) if ended_at else None
            yield Mark("surge", title, day, until, ("maturity:surge", key), "maturity.read_surges")
        elif kind == "guideline":
            words = {"title": title, "number": number}
            told = _now("Guideline “%(title)s”, version %(number)s") % words
            yield Mark("guideline", told, day, None, ("maturity:guideline", key))
        elif kind == "level" and (department is None or where == "organization" or key == department):
            words = {"who": title, "level": Level(said).label if said else _now("as the organization")}
            yield Mark("level", _now("%(who)s: level %(level)s") % words, day, None, ("maturity:playbook",))


def _happened(*, first: datetime, last: datetime) -> Any:
    """What happened of all three kinds, in one query."""
    nothing, none = Value("", output_field=CharField()), Value(None, output_field=DateTimeField())
    zero = Value(0, output_field=IntegerField())

    def told(kind: str, rows: Any, *columns: Any) -> Any:
        names = ("mark", "name", "began", "ended", "key", "place", "said", "number")
        values = dict(zip(names, (Value(kind, output_field=CharField()), *columns), strict=True))
        return (
            rows.order_by()
            .annotate(**{f"of_{name}": value for name, value in values.items()})
            .values_list(*(f"of_{name}" for name in names))
        )

    plans = SurgePlan.objects.filter(on_at__lt=last, on_at__isnull=False).exclude(off_at__lt=first)
    versions = GuidelineVersion.objects.filter(written_at__gte=first, written_at__lt=last, is_small=False)
    levels = _set_levels().filter(at__gte=first, at__lt=last)
    of_plan = Coalesce(Cast("department_id", CharField()), nothing)
    level = Coalesce(KT("after__level"), nothing, output_field=CharField())
    return told("surge", plans, F("title"), F("on_at"), F("off_at"), F("pk"), of_plan, nothing, zero).union(
        told("guideline", versions, F("title"), F("written_at"), none, F("section_id"), nothing, nothing, F("number")),
        told("level", levels, F("subject_label"), F("at"), none, F("subject_id"), F("subject_kind"), level, zero),
        all=True,
    )


_HAPPENED = Statement(_happened)


def _only(key: str, read: Read) -> Reader:
    """One metric as measurement asks for it: of days and departments, and of nothing else."""

    def reader(
        selections: Sequence[Selection], at: datetime, viewer: Member | None
    ) -> Sequence[Mapping[str, float | None]]:
        part = selections[0]
        if part.network or part.member or not part.of_work:
            return [{} for _one in selections]
        return [{key: value} for value in read(selections, at, viewer)]

    return reader


def _department(selection: Selection) -> Department | None:
    return Department.objects.filter(pk=selection.department).first() if selection.department else None


def _may_see(viewer: Member | None, department: Department | None) -> bool:
    return is_nobodys_own(department) if viewer is None else may_see_total(viewer, department)


def _hours_budgeted(selections: Sequence[Selection], _at: datetime, _viewer: Member | None) -> list[float | None]:
    hours = BudgetedTime.objects.of(_department(selections[0])).values_list("hours", flat=True)
    a_week = float(sum(hours))
    return [a_week * one.window.days / 7 for one in selections]


def _cadence_kept(selections: Sequence[Selection], at: datetime, viewer: Member | None) -> list[float | None]:
    told = [one.window for one in selections if one.window.days <= LONGEST]
    if not told:
        return [None for _one in selections]
    first, last = min(one.first for one in told), max(one.last for one in told)
    found = kept_blocks(_department(selections[0]), viewer, first, last, at=at)
    return [_share_kept(found, one.window) if one.window in told else None for one in selections]


def _share_kept(found: KeptBlocks | None, window: Window) -> float | None:
    part = found.within(window.first, window.last) if found is not None else None
    return ratio(part.kept, len(part.blocks)) if part is not None and part.are_shown else None


def _level(selections: Sequence[Selection], at: datetime, _viewer: Member | None) -> list[float | None]:
    """The level at the end of the days, as the audit log has it; before the first entry what that one changed."""
    department, organization = _department(selections[0]), active_organization()
    of_department = Q(subject_kind="department", subject_id=department.pk if department else 0)
    entries = list(_set_levels().filter(of_department | Q(subject_kind="organization", subject_id=organization.pk)))
    own, whole = ([row for row in entries if row.subject_kind == kind] for kind in ("department", "organization"))
    found = []
    for one in selections:
        end = min(one.window.end, at)
        level = _level_in(own, department.level, end) if department else None
        found.append(_level_in(whole, organization.level, end) if level is None else level)
    return found


def _level_in(entries: Sequence[AuditEntry], now: str, end: datetime) -> float | None:
    last = next((entry for entry in reversed(entries) if entry.at < end), None)
    if last is not None:
        level = (last.after or {}).get("level", "")
    else:
        level = (entries[0].before or {}).get("level", "") if entries else now
    return list(Level).index(Level(level)) if level else None


def _set_levels() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(verb="set_level").order_by("pk")


READERS: Mapping[str, Read] = {
    "hours_budgeted": _hours_budgeted,
    "cadence_kept": _cadence_kept,
    "level": _level,
}
