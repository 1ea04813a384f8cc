"""Links with what came of them, however many there are: a page reads the hours of those that it shows."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import connection

from content.models import LinkHour, TrackedLink
from content.tracking import link_of
from roles import clock
from tests.cast import Cast

MANY, PAGE = 10_000, 31
LINKS = """
    INSERT INTO content_trackedlink (organization_id, key, target, address, name, made_at)
    SELECT organization_id, 'k' || n, target, address, name, made_at
    FROM content_trackedlink, generate_series(1, %(many)s) AS n WHERE content_trackedlink.id = %(like)s
"""
HOURS = """
    INSERT INTO content_linkhour (organization_id, link_id, hour, is_bot, network, clicks)
    SELECT organization_id, id, %(hour)s, is_bot, '', 3 FROM content_trackedlink, (VALUES (true), (false)) AS v(is_bot)
    WHERE NOT EXISTS (SELECT FROM content_linkhour WHERE link_id = content_trackedlink.id)
"""


def test_a_page_of_very_many_links_reads_the_hours_of_its_own(acme: Cast) -> None:
    at = clock.now().replace(minute=0, second=0, microsecond=0)
    like = link_of("https://example.org/", "https://example.org/", by=acme.rosa, at=at)
    for hours, is_bot, clicks in ((1, False, 7), (2, False, 5), (2, True, 90)):
        LinkHour.objects.create(link=like, hour=at - timedelta(hours=hours), is_bot=is_bot, clicks=clicks)
    none = link_of("https://example.org/none", "https://example.org/none", by=acme.rosa, at=at)
    counts = dict(TrackedLink.objects.with_clicks().values_list("pk", "people"))
    assert counts == {like.pk: 12, none.pk: 0}
    assert TrackedLink.objects.with_clicks().get(pk=like.pk).programs == 90
    with connection.cursor() as cursor:
        cursor.execute(LINKS, {"many": MANY, "like": like.pk})
        cursor.execute(HOURS, {"hour": at})
        cursor.execute("ANALYZE content_trackedlink, content_linkhour")
    rows = TrackedLink.objects.with_what_they_are_in().with_clicks().order_by("-pk")[:PAGE]
    plan = rows.explain(analyze=True)
    assert "Seq Scan on content_linkhour" not in plan, plan
    read = re.findall(r"on content_linkhour .*?actual .*?loops=(\d+)", plan)
    assert read and all(int(loops) <= PAGE for loops in read), plan
    assert [(row.people, row.programs) for row in rows] == [(3, 3)] * PAGE
