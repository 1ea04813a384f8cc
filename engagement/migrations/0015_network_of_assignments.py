"""What waits is narrowed by its network and department within the index of the queue."""

from django.db import migrations, models

FILL = """
UPDATE engagement_assignment AS row SET network = mention.network
FROM listening_mention AS mention WHERE mention.id = row.mention_id;
"""
WAITING = {
    "assignment_left_over": models.Q(state="open", member=None),
    "assignment_everyones": models.Q(state__in=["open", "claimed"]),
}


class Migration(migrations.Migration):
    dependencies = [("engagement", "0014_fewer_indexes")]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="network",
            field=models.CharField(db_default="", default="", editable=False, max_length=40, verbose_name="network"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        *(migrations.RemoveIndex(model_name="assignment", name=name) for name in WAITING),
        *(
            migrations.AddIndex(
                model_name="assignment",
                index=models.Index(
                    fields=["organization", "priority", "due_at", "id", "department", "network"],
                    name=name,
                    condition=condition,
                ),
            )
            for name, condition in WAITING.items()
        ),
    ]
