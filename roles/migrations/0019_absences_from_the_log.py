"""What the audit log says about who was away when becomes rows of absences."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import migrations
from django.utils.dateparse import parse_datetime


def write_absences(apps: Any, _schema: Any) -> None:
    """Make a row of each span; the span that goes on ends and is represented as the member's own row says."""
    spans: defaultdict[int, list[list[Any]]] = defaultdict(list)
    entries = apps.get_model("roles", "AuditEntry").objects.filter(
        subject_kind="member", verb__in=("go_away", "come_back")
    )
    for key, verb, at, after in entries.order_by("pk").values_list("subject_id", "verb", "at", "after"):
        mine = spans[key]
        if mine and (mine[-1][1] is None or mine[-1][1] > at):
            mine[-1][1] = at
        if verb == "go_away":
            mine.append([at, parse_datetime((after or {}).get("away_until") or "")])
    absence = apps.get_model("roles", "Absence")
    made = []
    for member in apps.get_model("roles", "Member").objects.filter(pk__in=spans).order_by("pk"):
        mine = [span for span in spans[member.pk] if span[1] is None or span[1] > span[0]]
        if mine and mine[-1][1] is None and not member.is_away:
            mine.pop()
        rows = [
            absence(
                organization_id=member.organization_id, member=member, begins_at=begins, ends_at=ends, is_begun=True
            )
            for begins, ends in mine
        ]
        if rows and member.is_away and rows[-1].ends_at == member.away_until:
            rows[-1].stand_in_id = member.stand_in_id
        made += rows
    absence.objects.bulk_create(made, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0018_absences_and_provider"),
    ]

    operations = [migrations.RunPython(write_absences, migrations.RunPython.noop)]
