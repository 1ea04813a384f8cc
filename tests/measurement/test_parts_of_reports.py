"""A report, or one of its blocks, of a part of everything: said, and the same at every door."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from content.models import Campaign
from listening.models import TrackingQuery
from measurement import paper
from measurement.actions.report_mails import send_due_reports
from measurement.actions.reports import compose_report
from measurement.blocks import BLOCKS, UNTOLD
from measurement.measuring import values_of
from measurement.metric import GROUPS
from measurement.models import Report
from measurement.reporting import tell
from measurement.saying import raw
from measurement.selecting import Selection
from roles.models import Department, Mail
from roles.tenancy import acting_for
from tests import factories
from tests.cast import Cast
from tests.measurement.golden import NOW, WEEK
from tests.measurement.test_reports import squeezed, table_of, words_of

HERE = "/o/acme/measure/reports/"


def report(acme: Cast, *blocks: Any, **fields: Any) -> Report:
    kinds = [block if isinstance(block, dict) else {"kind": block} for block in blocks]
    asked = {"name": "For one", "period": "week", "blocks": kinds, "by": acme.carla, "at": NOW}
    return compose_report(acme.organization, **{**asked, **fields})


def figures_of(row: Report, kind: str) -> dict[str, Any]:
    """What a table says, by its first column."""
    [block] = [one for one in tell(row, at=NOW, viewer=None).blocks if one.kind == kind]
    return {line[0].text: line[1].raw for line in block.rows}


def test_of_a_department_every_door_says_the_same(golden: Any, acme: Cast, sign_in: Any, api: Any) -> None:
    row = report(acme, "sentences", "figures", "answers", "fast", only={"department": acme.press})
    assert row.only == {"department": acme.press.pk}
    told = tell(row, at=NOW, viewer=None)
    values = values_of(Selection(WEEK, department=acme.press.pk), at=NOW)
    said = figures_of(row, "fast")
    assert said["First response, median"] == raw(values["first_response_median"]) and values["assigned"] == 1
    # Eight hours, by the hand of whoever wrote the week.
    assert said["First response, median"] == pytest.approx(8 * 3600, rel=0.05)
    assert "Mentions" not in figures_of(row, "figures"), "mentions belong to no department"
    sentence = f"This is shown for the department {acme.press} alone."
    assert told.part.sentence == sentence and sentence in told.lead
    narrowed = report(acme, {"kind": "sentences", "only": {"department": acme.press.pk}})
    [own] = tell(narrowed, at=NOW, viewer=None).blocks
    assert own.lines[0] == sentence and str(acme.press) in own.title

    page = sign_in(acme.elif_).get(f"{HERE}{row.pk}/").content.decode()
    page = squeezed(html.unescape(re.sub(r"<[^>]+>", "", page)))
    data = api(acme.elif_).get(f"/api/v1/reports/{row.pk}/told/").json()
    file = list(
        csv.reader(io.StringIO(sign_in(acme.elif_).get(f"{HERE}{row.pk}/report.csv").content.decode("utf-8-sig")))
    )
    printed = squeezed(words_of(paper.as_pdf(told)))
    assert data["only"] == {"department": acme.press.pk} and data["part"] == sentence
    assert squeezed(sentence) in page and squeezed(sentence) in printed and [sentence] in file
    sent = [line for block in data["blocks"] for line in block["rows"]]
    rows = table_of(told)
    assert [[cell["said"] for cell in line] for line in sent] == [[cell.text for cell in line] for line in rows]
    for line in rows:
        assert all(squeezed(cell.text) in page for cell in line)
    picture = next(block for block in told.blocks if block.kind == "answers").rows
    assert sum(line[2].raw for line in picture) == 1


def test_each_figure_of_a_part_opens_its_rows(golden: Any, acme: Cast, sign_in: Any) -> None:
    row = report(
        acme, {"kind": "answers", "only": {"department": acme.press.pk}},
        {"kind": "mentions", "only": {"query": query("acme").pk}},
    )  # fmt: skip
    answers, mentions = tell(row, at=NOW, viewer=acme.carla).blocks
    client = sign_in(acme.carla)
    for block, column, total in ((answers, 2, 1), (mentions, -1, 3)):
        cells = [line[column] for line in block.rows if line[column].raw]
        assert sum(cell.raw for cell in cells) == total
        for cell in cells:
            assert f'data-total="{cell.raw}"' in client.get(f"/o/acme{cell.url}").content.decode()


def query(word: str) -> TrackingQuery:
    return TrackingQuery.objects.get(expression=word)


def test_of_a_query_of_a_topic_and_of_a_network(golden: Any, acme: Cast) -> None:
    ours = report(acme, "sentences", "figures", "mentions", "loud", only={"query": query("acme")})
    # By hand: three mentions of the week are of our query.
    assert figures_of(ours, "loud")["Mentions"] == figures_of(ours, "figures")["Mentions"] == 3
    assert "“" in tell(ours, at=NOW, viewer=None).part.sentence
    feed = report(acme, "figures", only={"network": "feed"})
    assert figures_of(feed, "figures")["Mentions"] == 8
    nowhere = report(acme, "figures", only={"network": "mastodon"})
    assert figures_of(nowhere, "figures")["Mentions"] == 0
    topic = factories.topic()
    none = report(acme, "figures", "mentions", only={"topic": topic})
    assert figures_of(none, "figures")["Mentions"] == 0


def test_what_cannot_be_told_of_a_part_is_said_and_never_told_of_all(golden: Any, acme: Cast) -> None:
    spring = Campaign.objects.create(name="Spring", begins_on=WEEK.first, ends_on=WEEK.last, created_at=NOW)
    kinds = [{"kind": kind, "text": "x" if kind == "text" else ""} for kind in BLOCKS]
    for only, told_of in (
        ({"campaign": spring.pk}, {"sentences", "figures", "much", "campaign"}),
        ({"topic": factories.topic().pk}, {"mentions", "sentences", "figures", "loud", "friendly"}),
        ({"department": acme.press.pk}, {"answers", "first-response", "kpis", "return", "fast"}),
    ):
        row = report(acme, *kinds, only=only)
        blocks = {block.kind: block for block in tell(row, at=NOW, viewer=None).blocks}
        untold = {kind for kind, block in blocks.items() if list(block.lines) == [str(UNTOLD)]}
        assert not untold & told_of and "stories" in untold
        for kind in untold:
            assert not blocks[kind].rows and not blocks[kind].picture
            assert blocks[kind].title != str(BLOCKS[kind].label) or kind in GROUPS or kind == "kpis"
    labels = {block.title for block in blocks.values()}
    assert {"Mentions over time", "Mentions by tracking query", "Stories"} <= labels, "what it shows, told or not"


def test_a_campaign_is_told_by_what_was_published_for_it(golden: Any, acme: Cast) -> None:
    spring = Campaign.objects.create(name="Spring", begins_on=WEEK.first, ends_on=WEEK.last, created_at=NOW)
    channel = factories.channel(network="feed")
    for number in range(2):
        factories.publication(
            factories.variant(factories.piece(campaign=spring if number else None), channel=channel),
            state="accepted", accepted_at=WEEK.start, due_at=WEEK.start, remote_id=f"r{number}",
        )  # fmt: skip
    row = report(acme, "sentences", "figures", only={"campaign": spring})
    assert figures_of(row, "figures")["Published"] == 1
    told = tell(row, at=NOW, viewer=None)
    assert told.lead.endswith("This is shown for the campaign “Spring” alone.")
    assert told.blocks[0].lines[0] == "Published: 1, after 0 in the week before."


def test_what_was_removed_is_not_told_of_all_instead(golden: Any, acme: Cast, sign_in: Any) -> None:
    gone = factories.query("gone")
    row = report(acme, "figures", "mentions", {"kind": "network", "only": {"network": "feed"}}, only={"query": gone})
    gone.delete()
    told = tell(row, at=NOW, viewer=None)
    assert told.part.is_gone and all("removed" in block.lines[0] and not block.rows for block in told.blocks)
    page = sign_in(acme.carla).get(f"{HERE}{row.pk}/").content.decode()
    assert "has been removed" in page
    assert "removed" in sign_in(acme.carla).get(HERE).content.decode()


@pytest.mark.parametrize("only", [{"person": 1}, {"network": "nowhere"}, {"query": 10**9}, {"topic": "x"}])
def test_what_there_is_not_is_refused(acme: Cast, only: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        report(acme, "figures", only=only)
    with pytest.raises(ValidationError, match="Block 1"):
        report(acme, {"kind": "figures", "only": only})


def test_what_could_tell_nothing_is_refused_and_so_is_what_is_a_stranger_s(acme: Cast) -> None:
    with pytest.raises(ValidationError, match="show nothing"):
        report(acme, "figures", only={"department": acme.press.pk, "query": factories.query().pk})
    with pytest.raises(ValidationError, match="Block 1"):
        report(acme, {"kind": "figures", "only": {"topic": factories.topic().pk}}, only={"department": acme.press.pk})
    with acting_for(acme.sam.organization):
        theirs = Department.objects.create(name="Theirs", slug="theirs").pk
    with pytest.raises(ValidationError, match="no such"):
        report(acme, "figures", only={"department": theirs})


def test_the_form_and_the_program_narrow_it(golden: Any, acme: Cast, sign_in: Any, api: Any) -> None:
    typed = {
        "name": "Press", "period": "week", "department": acme.press.pk, "block-TOTAL_FORMS": 1,
        "block-INITIAL_FORMS": 0, "block-0-kind": "figures", "block-0-of": "network-feed", "block-0-ORDER": 1,
    }  # fmt: skip
    answer = sign_in(acme.carla).post(f"{HERE}compose/", typed)
    assert answer.status_code == 302
    row = Report.objects.get(name="Press")
    assert row.only == {"department": acme.press.pk} and row.blocks[0]["only"] == {"network": "feed"}
    page = sign_in(acme.carla).get(f"{HERE}{row.pk}/change/").content.decode()
    assert '<option value="network-feed" selected' in page
    wrong = sign_in(acme.carla).post(f"{HERE}compose/", {**typed, "query": factories.query().pk})
    assert wrong.status_code == 422 and "show nothing" in wrong.content.decode()

    said = {"name": "Feed", "period": "week", "only": {"network": "feed"}, "blocks": [{"kind": "figures"}]}
    made = api(acme.carla).post("/api/v1/reports/", said, format="json")
    assert made.status_code == 201 and made.json()["only"] == {"network": "feed"}
    refused = api(acme.carla).post("/api/v1/reports/", {**said, "only": {"network": "nowhere"}}, format="json")
    assert refused.status_code == 400


def test_the_mail_says_of_what_it_tells(golden: Any, acme: Cast) -> None:
    row = report(
        acme, "sentences", only={"department": acme.press}, weekdays=[0], at_time="08:00", readers=[acme.elif_]
    )
    Report.objects.filter(pk=row.pk).update(next_at=NOW)
    assert send_due_reports(at=NOW) == 1
    [written] = Mail.objects.filter(kind="report")
    said = f"This is shown for the department {acme.press} alone."
    assert said in written.text and said in written.html
