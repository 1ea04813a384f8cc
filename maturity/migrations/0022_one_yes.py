"""What was noted of yeses on paths of training is said to the guidelines themselves, and counts from there."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def name_sections(apps: Any, _schema_editor: Any) -> None:
    """Have steps that ask for a yes name the guideline of their title, where there is one."""
    sections = apps.get_model("maturity", "GuidelineSection").objects.filter(retired_at=None)
    by_title = {(row.organization_id, row.title.lower()): row.pk for row in sections}
    for step in apps.get_model("maturity", "TrainingStep").objects.filter(kind="acknowledge"):
        step.section_id = by_title.get((step.organization_id, step.title.lower()))
        step.save(update_fields=["section"])
    apps.get_model("maturity", "StepDone").objects.filter(step__kind="acknowledge").delete()


class Migration(migrations.Migration):
    dependencies = [("maturity", "0021_surge_scope_and_drills")]

    operations = [migrations.RunPython(name_sections, migrations.RunPython.noop, elidable=True)]
