"""What measurement cannot know by itself: hours, cadence and level, as metrics and as marks on the time line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from maturity.keeping import KEPT, MISSED, told
from maturity.models import BudgetedTime, GuidelineVersion, MeasuredTime, SurgePlan, TimeEntry
from maturity.spent import day_of
from maturity.teams import is_nobodys_own, may_see_total, only_in
from measurement.authors import LONGEST
from measurement.investing import spend_hours
from measurement.measuring import Reader, read_with
from measurement.metric import COST, NOW, Metric
from measurement.metrics import define, ratio
from measurement.opening import ELSEWHERE
from measurement.selecting import Selection
from measurement.timeline import Mark, tell_with
from roles.models import AuditEntry, Department, Level, Member
from roles.tenancy import active_organization

Read = Callable[[Selection, datetime, Member | None], float | None]
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
        exclusions=_("Holidays, and the blocks of whoever was away."),
        source="TimeBlock, MeasuredTime, TimeEntry", better=1,
        precision=_("Exact. Told of 92 days at most: more blocks cannot be gone through while one waits."),
        longest=LONGEST,
    ),
    "level": Metric(
        _("Level"), "level", _("level"), COST,
        formula=_("the level that was set last"),
        counts=_("Where the organization or the department stood at the end of these days."),
        source="AuditEntry set_level", clock=NOW,
    ),
}  # fmt: skip
PLACES = {"hours_spent": "maturity:budget", "hours_budgeted": "maturity:budget", "level": "maturity:playbook"}


def tell_measurement() -> None:
    """Hand all of it to measurement, which knows nothing of this app."""
    define(METRICS)
    for key, reader in READERS.items():
        read_with(_only(key, reader), key)
    spend_hours(hours_by_day)
    tell_with(marks)
    ELSEWHERE.update(PLACES)


def hours_by_day(selection: Selection, viewer: Member | None) -> Mapping[date, float] | None:
    """Hours that were spent on each day; None where they would tell of somebody who is not coached by who looks."""
    if selection.network or selection.member or not selection.of_work:
        return None
    department = _department(selection)
    if not _may_see(viewer, department):
        return None
    window, hours = selection.window, defaultdict[date, float](float)
    for model in (MeasuredTime, TimeEntry):
        rows = model.objects.between(window.first, window.last)
        if department is not None:
            rows = rows.filter(member__in=only_in(department))
        for day, seconds in rows.by_day().items():
            hours[day] += seconds / 3600
    return {day: max(0.0, count) for day, count in hours.items()}


def marks(first: datetime, last: datetime, department: int | None) -> Iterable[Mark]:
    """Surge plans in force, releases of guidelines and changes of level, as marks on the time line."""
    plans = SurgePlan.objects.filter(on_at__lt=last, on_at__isnull=False).exclude(off_at__lt=first)
    for plan in plans.order_by("pk"):
        if department is None or plan.department_id in {None, department}:
            assert plan.on_at is not None
            yield Mark("surge", plan.title, day_of(plan.on_at), day_of(plan.off_at) if plan.off_at else None,
                       ("maturity:surge", plan.pk), "maturity.read_surges")  # fmt: skip
    versions = GuidelineVersion.objects.filter(written_at__gte=first, written_at__lt=last, is_small=False)
    for version in versions.order_by("pk"):
        title = _now("Guideline “%(title)s”, version %(number)s") % {"title": version.title, "number": version.number}
        yield Mark("guideline", title, day_of(version.written_at), None, ("maturity:guideline", version.section_id))
    for entry in _set_levels().filter(at__gte=first, at__lt=last):
        kind, key = entry.subject_kind, entry.subject_id
        if department is None or kind == "organization" or key == department:
            level = (entry.after or {}).get("level") or ""
            words = {"who": entry.subject_label, "level": Level(level).label if level else _now("as the organization")}
            yield Mark(
                "level", _now("%(who)s: level %(level)s") % words, day_of(entry.at), None, ("maturity:playbook",)
            )


def _only(key: str, read: Read) -> Reader:
    """One metric as measurement asks for it: of days and departments, and of nothing else."""

    def reader(selection: Selection, at: datetime, viewer: Member | None) -> Mapping[str, float | None]:
        if selection.network or selection.member or not selection.of_work:
            return {}
        return {key: read(selection, at, viewer)}

    return reader


def _department(selection: Selection) -> Department | None:
    return Department.objects.filter(pk=selection.department).first() if selection.department else None


def _may_see(viewer: Member | None, department: Department | None) -> bool:
    return is_nobodys_own(department) if viewer is None else may_see_total(viewer, department)


def _hours_budgeted(selection: Selection, _at: datetime, _viewer: Member | None) -> float | None:
    hours = BudgetedTime.objects.of(_department(selection)).values_list("hours", flat=True)
    return float(sum(hours)) * selection.window.days / 7


def _cadence_kept(selection: Selection, at: datetime, viewer: Member | None) -> float | None:
    window, department = selection.window, _department(selection)
    if window.days > LONGEST or not _may_see(viewer, department):
        return None
    people = Member.objects.active().prefetch_related("positions")
    if department is not None:
        people = people.filter(pk__in=only_in(department).values("pk"))
    states = [row.state for rows in told(list(people), window.first, window.last, at=at).values() for row in rows]
    kept = states.count(KEPT)
    return ratio(kept, kept + states.count(MISSED))


def _level(selection: Selection, at: datetime, _viewer: Member | None) -> float | None:
    """The level at the end of the days, as the audit log has it; before the first entry what that one changed."""
    end = min(selection.window.end, at)
    whole = _level_of("organization", active_organization().pk, active_organization().level, end)
    if not selection.department:
        return whole
    own = _department(selection)
    found = _level_of("department", own.pk, own.level, end) if own else None
    return whole if found is None else found


def _level_of(kind: str, key: int, now: str, end: datetime) -> float | None:
    entries = _set_levels().filter(subject_kind=kind, subject_id=key)
    last = entries.filter(at__lt=end).last()
    if last is not None:
        level = (last.after or {}).get("level", "")
    else:
        first = entries.first()
        level = (first.before or {}).get("level", "") if first else now
    return list(Level).index(Level(level)) if level else None


def _set_levels() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(verb="set_level").order_by("pk")


READERS: Mapping[str, Read] = {
    "hours_budgeted": _hours_budgeted,
    "cadence_kept": _cadence_kept,
    "level": _level,
}
