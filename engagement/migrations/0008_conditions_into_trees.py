"""What the flat columns of routing rules asked for moves into their trees; every set begins its history with that."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.utils import timezone

CONTACTS = """
INSERT INTO engagement_contact (organization_id, author_id, member_id, first_at, last_at)
SELECT DISTINCT ON (post.author_id) reply.organization_id, post.author_id, reply.by_id,
    min(reply.accepted_at) OVER author, reply.accepted_at
FROM engagement_reply AS reply JOIN listening_post AS post ON post.id = reply.post_id
WHERE reply.state = 'accepted' AND reply.accepted_at IS NOT NULL AND post.author_id IS NOT NULL
WINDOW author AS (PARTITION BY post.author_id)
ORDER BY post.author_id, reply.accepted_at DESC
"""
ROWS = ("query", "source", "topic")


def asked(rule: Any) -> list[dict[str, Any]]:
    """What a rule asked for, as leaves."""
    found: list[tuple[str, str, Any]] = [
        ("query", "is", rule.query_id),
        ("source", "is", rule.source_id),
        ("network", "is", rule.network or None),
        ("language", "is", rule.language or None),
        ("sentiment", "is", rule.sentiment),
        ("topic", "is", rule.was_topic_id),
        ("words", "say", rule.words or None),
    ]
    return [
        {"field": field, "operator": operator, "value": value} for field, operator, value in found if value is not None
    ]


def into_trees(apps: Any, schema_editor: Any) -> None:
    rules = apps.get_model("engagement", "RoutingRule")
    subjects = apps.get_model("engagement", "RuleSubject")
    versions = apps.get_model("engagement", "RuleSetVersion")
    sets: dict[int, list[dict[str, Any]]] = {}
    rows = rules.objects.select_related("query", "source", "was_topic", "department")
    for rule in rows.order_by("organization_id", "position", "pk"):
        rule.condition = {"all": asked(rule)}
        rule.save(update_fields=["condition"])
        named = {"query": rule.query_id, "source": rule.source_id, "topic": rule.was_topic_id}
        for kind, key in named.items():
            if key is not None:
                subjects.objects.create(organization_id=rule.organization_id, rule=rule, **{f"{kind}_id": key})
        sets.setdefault(rule.organization_id, []).append(kept(rule))
    at = timezone.now()
    for organization_id, found in sets.items():
        versions.objects.create(
            organization_id=organization_id, number=1, made_at=at, verb="keep_rules", subject="", rules=found
        )


def kept(rule: Any) -> dict[str, Any]:
    """A rule as the history keeps it."""
    names = {
        "query": rule.query and rule.query.name,
        "source": rule.source and (rule.source.name or rule.source.place),
        "topic": rule.was_topic and rule.was_topic.name,
    }
    leaves = [leaf | {"named": names[leaf["field"]]} if leaf["field"] in ROWS else leaf for leaf in asked(rule)]
    return {
        "id": rule.pk,
        "name": rule.name,
        "condition": {"all": leaves},
        "department": {"id": rule.department_id, "name": rule.department.name},
        "member": None,
        "topic": None,
        "target": None,
        "priority": rule.priority,
        "response_minutes": rule.response_minutes,
        "needs_approval": False,
        "goes_on": False,
        "valid_from": None,
        "valid_until": None,
        "is_active": rule.is_active,
    }


class Migration(migrations.Migration):
    dependencies = [("engagement", "0007_rules_as_trees")]

    operations = [
        migrations.RunPython(into_trees, migrations.RunPython.noop),
        migrations.RunSQL(CONTACTS, migrations.RunSQL.noop),
    ]
