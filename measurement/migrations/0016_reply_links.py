"""Which tracked links stand in which replies is noted as the text is written, and once for what was written before."""

import django.db.models.deletion
from django.db import migrations, models

NOTE = """
CREATE FUNCTION measurement_note_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A reply that is written otherwise has the links that stand in it now; one whose words are erased keeps its own.
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM measurement_replylink WHERE reply_id = NEW.id;
    END IF;
    INSERT INTO measurement_replylink (organization_id, reply_id, link_id)
        SELECT DISTINCT NEW.organization_id, NEW.id, link.id
        FROM regexp_matches(NEW.text, '/l/([A-Za-z0-9]+)', 'g') AS found (said)
            JOIN content_trackedlink AS link ON link.key = said[1] AND link.organization_id = NEW.organization_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_note_links AFTER INSERT OR UPDATE OF text ON engagement_reply
    FOR EACH ROW WHEN (NEW.text LIKE '%/l/%') EXECUTE FUNCTION measurement_note_links();

INSERT INTO measurement_replylink (organization_id, reply_id, link_id)
    SELECT DISTINCT reply.organization_id, reply.id, link.id
    FROM engagement_reply AS reply
        CROSS JOIN LATERAL regexp_matches(reply.text, '/l/([A-Za-z0-9]+)', 'g') AS found (said)
        JOIN content_trackedlink AS link ON link.key = said[1] AND link.organization_id = reply.organization_id
    WHERE reply.text LIKE '%/l/%';
"""
FORGET = """
DROP TRIGGER measurement_note_links ON engagement_reply;
DROP FUNCTION measurement_note_links();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0029_reminded_guests"),
        ("engagement", "0031_who_is_meant"),
        ("measurement", "0015_waits_by_hour"),
        ("roles", "0031_task_records"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplyLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="in_replies",
                        to="content.trackedlink",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.organization",
                    ),
                ),
                (
                    "reply",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tracked_links",
                        to="engagement.reply",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("reply", "link"), name="reply_link_once")],
            },
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
