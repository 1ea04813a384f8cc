"""Reports: composed of blocks, kept, read; page, program, file and paper say the same to the digit."""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from listening.models import Story
from measurement import letters, paper
from measurement.actions.annotations import annotate
from measurement.actions.reports import change_report, compose_report, drop_report, take_up_report
from measurement.actions.returns import add_kpi
from measurement.actions.rollups import refresh_rollups
from measurement.blocks import BLOCKS
from measurement.measuring import values_of
from measurement.metrics import METRICS
from measurement.models import Report
from measurement.reporting import Told, tell
from measurement.saying import raw
from measurement.selecting import Selection
from roles import clock
from roles.actions.handover import hand_over_everything
from roles.models import AuditEntry
from tests import factories
from tests.cast import Cast
from tests.measurement.golden import NOW, WEEK

HERE = "/o/acme/measure/reports/"
HOSTILE = "=1+1 <b>Größe</b> Жалобы Ωμέγα"


def every_block() -> list[dict[str, str]]:
    return [{"kind": kind, "text": "**As** agreed\n\n* one\n* two" if kind == "text" else ""} for kind in BLOCKS]


def report(acme: Cast, **fields: Any) -> Report:
    asked = {"name": "For the board", "period": "week", "blocks": every_block(), "by": acme.carla, "at": clock.now()}
    return compose_report(acme.organization, **{**asked, **fields})


@pytest.fixture
def lived(acme: Cast) -> Cast:
    """A month with a little of everything."""
    at, query = clock.now(), factories.query(name=HOSTILE)
    for number in range(8):
        when = at - timedelta(days=2 + 3 * number)
        mention = factories.mention(at=when, post=factories.post(at=when, network="feed"), sentiment=1)
        mention.matches.create(query=query)
        answered_at = when + timedelta(hours=1)
        factories.assignment(department=acme.care, mention=mention, at=when, first_answered_at=answered_at)
    annotate(acme.organization, title="<i>Launch</i>", first_day=at.date() - timedelta(days=3), by=acme.carla, at=at)
    Story.objects.create(headline="=cmd|' /C calc'!A1", first_at=at - timedelta(days=3), last_at=at, size=4)
    said = {"name": "In time", "kind": "engagement", "metric": "targets_met", "target": 0.9, "owner": acme.elif_}
    add_kpi(acme.organization, **said, by=acme.carla, at=at)
    refresh_rollups(at=at)
    return acme


def test_it_is_composed_changed_dropped_and_taken_up(acme: Cast) -> None:
    doing: dict[str, Any] = {"by": acme.carla, "at": clock.now()}
    row = report(acme, blocks=[{"kind": "query"}, {"kind": "text", "text": "Hello", "metric": "captured"}])
    assert row.owner == acme.carla and row.next_at is None
    assert row.blocks == [
        {"kind": "query", "metric": "captured", "text": ""}, {"kind": "text", "metric": "", "text": "Hello"},
    ]  # fmt: skip
    assert change_report(row, name=" Board ", **doing).name == "Board"
    assert change_report(row, name="Board", **doing).blocks == row.blocks
    # What it says and who looks after it is part of what is written down.
    change_report(row, blocks=[*row.blocks[:1], {"kind": "text", "text": "Good-bye"}], **doing)
    change_report(row, owner=acme.elif_, **doing)
    assert drop_report(row, **doing).dropped_at and drop_report(row, **doing)
    with pytest.raises(ValidationError, match="dropped"):
        change_report(row, name="x", **doing)
    assert take_up_report(row, **doing).dropped_at is None
    assert [entry.verb for entry in AuditEntry.objects.filter(subject_kind="report").order_by("pk")] == [
        "compose_report", *["change_report"] * 3, "drop_report", "take_up_report",
    ]  # fmt: skip
    with pytest.raises(PermissionDenied):
        drop_report(row, by=acme.gita, at=clock.now())


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"blocks": []}, {"blocks": [{"kind": "secrets"}]}, {"period": "decade"},
     {"blocks": [{"kind": "query", "metric": "answered"}]}, {"blocks": [{"kind": "text", "text": " "}]},
     {"blocks": [{"kind": "text", "text": "x" * 4001}]}, {"blocks": [{"kind": "kpis"}] * 25},
     {"weekdays": [1]}, {"month_day": 29}, {"month_day": 3, "weekdays": [1]}],
)  # fmt: skip
def test_nonsense_is_refused(acme: Cast, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        report(acme, **wrong)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def words_of(printed: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(printed)
    return " ".join(page.get_textpage().get_text_range() for page in document)


def table_of(told: Told) -> list[list[Any]]:
    """Each row of it: what is said, and the numbers behind."""
    return [list(row) for block in told.blocks for row in block.rows]


def test_page_program_file_and_paper_say_the_same(golden: Any, acme: Cast, sign_in: Any, api: Any) -> None:
    row = report(acme, at=NOW)
    told = tell(row, at=NOW, viewer=None)
    assert (told.window.first, told.window.last) == (WEEK.first, WEEK.last)
    # The registry says them, and nobody else.
    values = values_of(Selection(WEEK), at=NOW)
    labels = {str(metric.label): key for key, metric in METRICS.items()}
    groups = [block for block in told.blocks if block.kind in {"loud", "friendly", "fast", "much", "cost"}]
    found = {labels[line[0].text]: line[1].raw for block in groups for line in block.rows}
    assert found.keys() >= {"captured", "targets_met", "first_response_median", "backlog", "net_sentiment"}
    assert found == {key: raw(values[key]) for key in found}

    rows = table_of(told)
    assert len(rows) > 60
    page = sign_in(acme.elif_).get(f"{HERE}{row.pk}/").content.decode()
    page = squeezed(html.unescape(re.sub(r"<[^>]+>", "", page)))
    data = api(acme.elif_).get(f"/api/v1/reports/{row.pk}/told/").json()
    sent = [line for block in data["blocks"] for line in block["rows"]]
    file = sign_in(acme.elif_).get(f"{HERE}{row.pk}/report.csv").content.decode("utf-8-sig")
    lines = {tuple(line) for line in csv.reader(io.StringIO(file))}
    printed = squeezed(words_of(paper.as_pdf(told)))
    shown = iter(sent)
    for block in told.blocks:
        for line, unit in zip(block.rows, block.units or [""] * len(block.rows), strict=True):
            assert [(cell["said"], cell["value"]) for cell in next(shown)] == [(cell.text, cell.raw) for cell in line]
            numbers = tuple(str(cell.raw) for cell in line)
            assert (*numbers, unit) in lines or numbers in lines, numbers
            # Hours of the week in which nothing came are empty there.
            for cell in line if not block.week else [one for one in line[1:] if one.raw]:
                assert squeezed(cell.text) in page, cell
    for block in told.blocks:
        # The days of a picture stand on the page and in the file; paper has the picture.
        for line in [] if block.picture and len(block.rows) > 14 else block.rows:
            said = line[:2] if block.headlines else line
            assert squeezed("".join(cell.text for cell in said)) in printed or block.week, (block.kind, line)
        assert all(squeezed(one) in printed for one in block.lines)


def test_what_people_write_is_taken_for_nothing_else(lived: Cast, sign_in: Any) -> None:
    text = '<script>alert(1)</script> #import "@preview/x:1.0.0" $x$ [l](javascript:alert(1)) 漢字 한 שלום'
    blocks = [{"kind": "text", "text": text}, {"kind": "query"}, {"kind": "mentions"}, {"kind": "stories"}]
    row = report(lived, name='<u>Weekly</u> #eval("1")', period="days30", blocks=blocks)
    client = sign_in(lived.elif_)
    page = client.get(f"{HERE}{row.pk}/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and "<u>" not in page and '"javascript' not in page
    assert "&lt;b&gt;Größe" in page and "<i>Launch" not in page
    file = client.get(f"{HERE}{row.pk}/report.csv").content.decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(file)) for cell in line]
    assert f"'{HOSTILE}" in cells and not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
    answer = client.get(f"{HERE}{row.pk}/report.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    said = squeezed(words_of(answer.content))
    assert '#import"@preview/x:1.0.0"' in said and "<script>" in said and "<b>Größe</b>ЖалобыΩμέγα" in said
    assert "□□" in said and "(Cjk,Hangul)" in said, "what cannot be set is said"
    assert "signs that cannot be set" in paper._missing({"👍", "\ufe0f"}), "no script is called Thumbs"
    assert "שלום" in said or "שלום"[::-1] in said


def test_paper_has_a_sign_for_every_letter_that_it_says_it_has(lived: Cast) -> None:
    promised = [chr(code) for first, last in letters.COVERED for code in range(first, last + 1)]
    assigned = "".join(
        letter for letter in promised if unicodedata.category(letter) not in {"Cn", "Cf", "Mn", "Zl", "Zp"}
    )
    row = report(lived, blocks=[{"kind": "text", "text": "x"}])
    told = tell(row, at=clock.now(), viewer=None)
    sheet = paper._sheet(told)
    [run] = sheet["blocks"][0]["prose"][0]["runs"]
    run["text"] = " ".join(assigned)
    # The standard for screen readers refuses a page on which a letter has no sign.
    assert paper._compiled(sheet, "pdf", standards=["ua-1"])[0].startswith(b"%PDF")
    told = tell(report(lived, period="days30"), at=clock.now(), viewer=None)
    assert paper._compiled(paper._sheet(told), "pdf", standards=["ua-1"])


def test_pages_for_people(lived: Cast, sign_in: Any) -> None:
    carla, elif_, rosa = sign_in(lived.carla), sign_in(lived.elif_), sign_in(lived.rosa)
    assert "No report is kept" in carla.get(HERE).content.decode()
    assert 'value="sentences" selected' in carla.get(f"{HERE}compose/").content.decode()
    form = {
        "name": "Weekly", "period": "days30", "owner": lived.carla.pk, "rhythm": "week", "weekdays": ["0"],
        "at_time": "08:00", "readers": [lived.elif_.pk], "block-TOTAL_FORMS": 3, "block-INITIAL_FORMS": 0,
        "block-0-kind": "query", "block-0-metric": "captured", "block-0-ORDER": 2,
        "block-1-kind": "sentences", "block-1-ORDER": 1, "block-2-kind": "kpis", "block-2-DELETE": "on",
    }  # fmt: skip
    assert carla.post(f"{HERE}compose/", form).status_code == 302
    row = Report.objects.get()
    assert [block["kind"] for block in row.blocks] == ["sentences", "query"] and row.weekdays == [0]
    there = f"{HERE}{row.pk}/"
    assert 'value="08:00"' in carla.get(f"{there}change/").content.decode()
    assert carla.post(f"{there}change/", {**form, "weekdays": []}).status_code == 422
    answer = carla.post(f"{there}change/", {**form, "block-0-metric": "answered"})
    assert answer.status_code == 422 and "cannot show this metric" in answer.content.decode()
    assert carla.post(f"{there}change/", {**form, "rhythm": ""}).status_code == 302
    row.refresh_from_db()
    assert row.next_at is None and row.weekdays == []
    page = elif_.get(there).content.decode()
    assert "the 30 days before" in page and 'href="/o/acme/measure/mentions/' in page
    odd_days = ("2026-02-31", "0001-01-01", "9999-12-31", "x")
    assert {elif_.get(f"{there}?until={day}").status_code for day in odd_days} == {200}
    assert rosa.get(there).status_code == rosa.get(f"{there}report.pdf").status_code == 403
    assert elif_.post(f"{there}drop/").status_code == carla.post(f"{there}take-up/").status_code == 302
    assert carla.get(f"{there}drop/").status_code == 405


def test_an_earlier_period_is_read_at_its_own_address(lived: Cast) -> None:
    row = report(lived, period="days7", blocks=[{"kind": "sentences"}])
    at = clock.now()
    newest = tell(row, at=at, viewer=None)
    before = tell(row, at=at, viewer=None, until=newest.window.before().last)
    assert before.window == newest.window.before()
    assert tell(row, at=at, viewer=None, until=at.date() + timedelta(days=900)).window == newest.window


def test_a_day_is_the_same_on_the_page_and_in_the_file(acme: Cast) -> None:
    acme.organization.time_zone = "Pacific/Auckland"
    begun = datetime(2026, 3, 24, 22, tzinfo=UTC)
    Story.objects.create(headline="Told again", first_at=begun, last_at=begun, size=2)
    row = report(acme, side="outside", blocks=[{"kind": "stories"}])
    [block] = tell(row, at=NOW, viewer=None).blocks
    assert block.rows[0][2].raw == "2026-03-25" and "25" in block.rows[0][2].text


def test_what_is_no_more_is_left_out(acme: Cast) -> None:
    row = report(acme, blocks=[{"kind": "query"}, {"kind": "kpis"}])
    row.blocks = [{**row.blocks[0], "metric": "long_gone"}, {"kind": "gone", "metric": "", "text": ""}, row.blocks[1]]
    assert [block.kind for block in tell(row, at=clock.now(), viewer=None).blocks] == ["kpis"]


def test_programs_compose_too(lived: Cast, api: Any) -> None:
    carla = api(lived.carla)
    said = {"name": "By program", "period": "month", "blocks": [{"kind": "network", "metric": "captured"}],
            "month_day": 1, "at_time": "07:30", "readers": [lived.elif_.pk]}  # fmt: skip
    made = carla.post("/api/v1/reports/", said, headers={"Idempotency-Key": "r1"})
    assert made.status_code == 201 and made.json()["next_at"]
    there = f"/api/v1/reports/{made.json()['id']}/"
    assert carla.put(there, {**said, "name": "Other", "month_day": None, "at_time": None}).json()["next_at"] is None
    assert carla.put(there, {**said, "blocks": [{"kind": "secrets"}]}).status_code == 400
    assert carla.put(there, {**said, "readers": [lived.rosa.pk]}).status_code == 400, "she may not read figures"
    assert carla.get(f"{there}told/?until=nonsense").status_code == 400
    assert carla.post(f"{there}drop/").json()["dropped_at"] and not carla.post(f"{there}take-up/").json()["dropped_at"]
    assert api(lived.elif_).get("/api/v1/reports/").json()["results"][0]["name"] == "Other"


def test_a_report_costs_the_same_however_much_there_is(lived: Cast, sign_in: Any) -> None:
    client, row, counts = sign_in(lived.carla), report(lived, period="days30"), []
    for number in (1, 20):
        for _one in range(number):
            at = clock.now() - timedelta(days=2)
            mention = factories.mention(at=at, post=factories.post(at=at, network="feed"))
            mention.matches.create(query=factories.query())
            factories.assignment(department=lived.care, mention=mention, at=at)
            report(lived, blocks=[{"kind": "kpis"}])
        refresh_rollups(at=clock.now())
        counts.append([])
        for address in (f"{HERE}{row.pk}/", HERE):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts[-1].append(len(queries))
    assert counts[0] == counts[1]


def test_whoever_leaves_hands_their_reports_over(acme: Cast) -> None:
    kept, dropped = report(acme, owner=acme.elif_), report(acme, owner=acme.elif_)
    drop_report(dropped, by=acme.carla, at=clock.now())
    doing: dict[str, Any] = {"leaves": True, "by": acme.olga, "at": clock.now()}
    with pytest.raises(ValidationError, match="may not have these"):
        hand_over_everything(acme.elif_, to={"reports": acme.rosa}, **doing)
    assert hand_over_everything(acme.elif_, to={"reports": acme.carla}, **doing) == {"reports": 1}
    kept.refresh_from_db()
    assert kept.owner == acme.carla
