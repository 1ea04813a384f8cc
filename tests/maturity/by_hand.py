"""The rows of an organization as plain dictionaries, and every figure that follows from them, in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from content.models import CadenceCommitment, Idea, Piece, Publication, Review, ReviewStep
from engagement.models import Assignment, Joining, ResponseTarget, SavedReply, Starter
from listening.models import Insight, Mention, Source, TrackingQuery
from maturity.models import Acknowledgement, GuidelineSection, GuidelineVersion, MeasuredTime, TimeEntry
from roles.models import Department, Holiday, Member, OpenHours, Position

ZONE = ZoneInfo("Europe/Amsterdam")
Row = dict[str, Any]
Figure = float | None


class Hand:
    """The rows as plain dictionaries, and what follows from them without any code of the application."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.today = at.astimezone(ZONE).date()
        self.departments = [row["id"] for row in rows(Department)]
        self.within = {row["id"]: {row["id"], *row["below"]} for row in rows(Department)}
        self.network = {row["id"]: row["network"] for row in rows(Mention)}
        self.assignments = [
            row for row in rows(Assignment) if self.network[row["mention_id"]] == "practice" and row["created_at"] <= at
        ]
        self.open_days = {row["weekday"] for row in rows(OpenHours)} or set(range(5))
        self.holidays = {row["day"] for row in rows(Holiday)}

    def midnight(self, back: int) -> datetime:
        """The beginning of a day so many days ago."""
        day = self.today - timedelta(days=back)
        return datetime(day.year, day.month, day.day, tzinfo=ZONE)

    def by_department(self, counted: Iterable[Any], *, empty: Figure = 0) -> dict[Any, Figure]:
        """Counts of departments, and of all."""
        found = Counter(counted)
        return {key: found.get(key, empty) for key in self.departments} | {None: sum(found.values())}

    def people(self, *roles: str) -> dict[Any, Figure]:
        """People with a role in each department, those of the whole in all."""
        active = {row["id"] for row in rows(Member) if row["is_active"]}
        held = [row for row in rows(Position) if row["role"] in roles and row["member_id"] in active]
        everywhere = {row["member_id"] for row in held if row["department_id"] is None}
        found: dict[Any, Figure] = {}
        for key in self.departments:
            found[key] = len(everywhere | {row["member_id"] for row in held if row["department_id"] == key})
        return found | {None: len({row["member_id"] for row in held})}

    def places_heard(self) -> Figure:
        """Of the feeds in use, those read within two days."""
        used = [row for row in rows(Source) if row["network"] != "practice" and row["state"] == "active"]
        fresh = [
            row for row in used if row["last_success_at"] and row["last_success_at"] >= self.at - timedelta(days=2)
        ]
        return len(fresh) / len(used)

    def days_listened(self) -> Figure:
        """Of the working days of the last four weeks, those on which somebody decided about what was heard outside."""
        days = [self.today - timedelta(days=back) for back in range(1, 29)]
        worked = [day for day in days if day.weekday() in self.open_days and day not in self.holidays]
        decided = {
            row["triaged_at"].astimezone(ZONE).date()
            for row in rows(Mention)
            if row["triaged_by_id"] and row["triaged_at"] and row["network"] != "practice"
        }
        return sum(day in decided for day in worked) / len(worked)

    def waiting_long(self) -> int:
        """What has waited three days or more."""
        return sum(
            self.midnight(27) <= row["captured_at"] < self.at - timedelta(days=3)
            for row in rows(Mention)
            if row["state"] == "untriaged" and not row["is_old"] and row["network"] != "practice"
        )

    def is_overdue(self, row: Row) -> bool:
        """Not resolved, not answered, and past what was promised."""
        if row["state"] == "resolved" or row["first_answered_at"] or row["first_due_at"] is None:
            return False
        return bool(row["first_due_at"] < self.at and (not row["paused_at"] or row["first_due_at"] < row["paused_at"]))

    def is_of(self, one: int, department: int | None) -> bool:
        """Whether it counts for a department: it is that one, or below it; for the whole everything counts."""
        return department is None or one in self.within[department]

    def weeks(self, department: Any) -> list[tuple[int, int, int]]:
        """Answered, in time and overdue of what was made in each of the last four weeks."""
        found = []
        for week in range(4):
            begins, ends = self.midnight(27 - 7 * week), self.midnight(20 - 7 * week)
            made = [
                row for row in self.assignments
                if begins <= row["created_at"] < ends and self.is_of(row["department_id"], department)
            ]  # fmt: skip
            answered = [row for row in made if row["first_answered_at"]]
            in_time = [
                row for row in answered if not row["first_due_at"] or row["first_answered_at"] <= row["first_due_at"]
            ]
            found.append((len(answered), len(in_time), sum(self.is_overdue(row) for row in made)))
        return found

    def figures(self) -> dict[str, dict[Any, Figure]]:
        """Every piece of evidence, by practice and department."""
        month, quarter = self.midnight(27), self.midnight(89)
        where: list[Any] = [None, *self.departments]
        worked = [
            key for key in where
            if any(row["created_at"] >= month and self.is_of(row["department_id"], key) for row in self.assignments)
        ]  # fmt: skip
        weeks = {key: self.weeks(key) for key in worked}
        in_time, kept = {}, {}
        for key in worked:
            answered, good, late = (sum(column) for column in zip(*weeks[key], strict=True))
            in_time[key] = good / (answered + late) if answered + late else None
            kept[key] = sum(2 * g >= a + o for a, g, o in weeks[key]) if answered + late else None
        left = [row for row in self.assignments if row["state"] != "resolved"]
        shares: dict[Any, Figure] = {}
        for key in where:
            mine = [row for row in left if self.is_of(row["department_id"], key)]
            shares[key] = sum(map(self.is_overdue, mine)) / len(mine) if mine else 0
        place = {row["id"]: row["department_id"] for row in rows(Assignment)}
        joined = [(place[row["assignment_id"]], row) for row in rows(Joining) if row["joined_at"] <= self.at]
        ours = {row["id"] for row in self.assignments}
        joined = [(key, row) for key, row in joined if row["assignment_id"] in ours]
        gave, asked = {"provide_value", "engage", "promote_others"}, {"share_about_you", "promote"}
        weighed = [(key, row) for key, row in joined if row["joined_at"] >= quarter and row["step"] in gave | asked]
        giving: dict[Any, Figure] = {}
        for key in {None, *(key for key, _row in weighed)}:
            mine = [row["step"] in gave for other, row in weighed if key in (None, other)]
            giving[key] = sum(mine) / len(mine) if mine else None
        answering: defaultdict[Any, set[int]] = defaultdict(set)
        for row in self.assignments:
            if row["created_at"] >= month and row["first_answered_at"] and row["member_id"]:
                answering[row["department_id"]].add(row["member_id"])
        coaches = {row["member_id"] for row in rows(Position) if row["role"] == "coach"}
        filed = [row for row in rows(Insight) if row["filed_at"] >= month and row["withdrawn_at"] is None]
        prepared = [row for row in rows(SavedReply) if row["state"] == "in_use"]
        return {
            "places-heard": {None: self.places_heard()},
            "queries-active": {None: sum(row["is_active"] for row in rows(TrackingQuery))},
            "listeners": self.people("gatherer"),
            "days-listened": {None: self.days_listened()},
            "stream-kept-short": {None: self.waiting_long()},
            "insights-filed": self.with_those_for_all(filed),
            "promises-made": {None: len(rows(ResponseTarget))},
            "responders": self.people("responder"),
            "guidelines-read": self.guidelines_read(),
            "answered-in-time": in_time,
            "weeks-in-time": kept,
            "little-overdue": shares,
            "people-on-call": {None: sum(row["is_on_call"] and row["id"] in coaches for row in rows(Member))},
            "answers-prepared": self.with_those_for_all(prepared),
            "conversations-joined": self.by_department(key for key, row in joined if row["joined_at"] >= month),
            "giving-share": giving,
            "people-answering": {key: len(answering[key]) for key in self.departments}
            | {None: len(set().union(*answering.values()))},
            "conversations-started": {
                None: sum(row["state"] == "started" and row["ended_at"] >= quarter for row in rows(Starter))
            },
            "calendar-kept": {None: self.weeks_planned()},
            "rhythm-kept": {None: self.weeks_published()},
            "review-agreed": self.seen_in_time(quarter),
            "ideas-noted": {None: sum(row["state"] == "open" and row["noted_at"] >= month for row in rows(Idea))},
        }

    def weeks_planned(self) -> int:
        """Weeks in a row from this one on in which something is said."""
        monday = self.today - timedelta(days=self.today.weekday())
        gone = {"cancelled", "refused", "missed"}
        said = [row["due_at"].astimezone(ZONE).date() for row in rows(Publication) if row["state"] not in gone]
        here = [any(0 <= (day - monday).days - 7 * week < 7 for day in said) for week in range(8)]
        return here.index(False) if False in here else 8

    def weeks_published(self) -> Figure:
        """Weeks in a row before this one in which each channel said as often as it had promised."""
        monday = self.today - timedelta(days=self.today.weekday())
        out = [(row["channel_id"], row["accepted_at"].astimezone(ZONE).date())
               for row in rows(Publication) if row["state"] == "accepted"]  # fmt: skip
        kept = []
        for week in range(1, 9):
            begins = monday - timedelta(weeks=week)
            owed = [row for row in rows(CadenceCommitment) if row["since"] <= begins and row["until"] is None]
            said = [sum(key == row["channel_id"] and 0 <= (day - begins).days < 7 for key, day in out) for row in owed]
            kept.append(bool(owed) and all(n >= row["per_week"] for n, row in zip(said, owed, strict=True)))
        return kept.index(False) if False in kept else 8

    def seen_in_time(self, since: datetime) -> dict[Any, Figure]:
        """Of the steps of reviews that were due, the share that was decided by then."""
        home = {row["id"]: row["department_id"] for row in rows(Piece)}
        place = {row["id"]: home[row["piece_id"]] for row in rows(Review)}
        due = [
            (place[row["review_id"]], row) for row in rows(ReviewStep)
            if row["due_at"] and since <= row["due_at"] <= self.at and row["state"] != "withdrawn"
        ]  # fmt: skip
        found: dict[Any, Figure] = {None: None}
        for key in (None, *self.departments):
            mine = [row for other, row in due if self.is_of(other, key)]
            good = [row for row in mine if row["state"] in ("approved", "sent_back")]
            if mine:
                found[key] = sum(row["ended_at"] <= row["due_at"] for row in good) / len(mine)
        return found

    def guidelines_read(self) -> dict[Any, Figure]:
        """Of those who listen, answer or coach, the share that said yes to every section in force."""
        asks = {row["id"]: row["asks_from"] for row in rows(GuidelineSection) if row["retired_at"] is None}
        versions = {row["id"]: row for row in rows(GuidelineVersion)}
        said: defaultdict[int, set[int]] = defaultdict(set)
        for row in rows(Acknowledgement):
            version = versions[row["version_id"]]
            if version["section_id"] in asks and version["number"] >= asks[version["section_id"]]:
                said[row["member_id"]].add(version["section_id"])
        active = {row["id"] for row in rows(Member) if row["is_active"]}
        held = [
            row for row in rows(Position)
            if row["role"] in ("coach", "gatherer", "responder") and row["member_id"] in active
        ]  # fmt: skip
        found: dict[Any, Figure] = {}
        for key in (None, *self.departments):
            people = {row["member_id"] for row in held if key is None or row["department_id"] in (None, key)}
            found[key] = sum(set(asks) <= said[member] for member in people) / len(people) if asks and people else None
        return found

    def with_those_for_all(self, found: list[Row]) -> dict[Any, Figure]:
        """Counts where what belongs to no department counts in each."""
        counts = Counter(row["department_id"] for row in found)
        return {key: counts[key] + counts[None] for key in self.departments} | {None: len(found)}

    def spent(self, first: date, last: date) -> dict[tuple[int, date, str], float]:
        """Seconds by person, day and activity."""
        sums: defaultdict[tuple[int, date, str], float] = defaultdict(float)
        for row in [*rows(MeasuredTime), *rows(TimeEntry)]:
            if first <= row["day"] <= last:
                sums[row["member_id"], row["day"], row["activity"]] += row["seconds"]
        return sums


def rows(model: Any) -> list[Row]:
    """All rows of a model."""
    return list(model.objects.values())
