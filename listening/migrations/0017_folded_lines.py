"""The stream shows a story once: the first of its mentions that wait is its line, and the others wait behind it.

Which they are is kept by the database itself, in the transaction that decides about a mention or moves it between
stories, whoever does so. Transactions that touch the same story follow one another: each holds the story's row until
it ends, and looks at the story's mentions only then. So two of them never each leave the line to the other.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

KEEP = """
CREATE FUNCTION listening_fold(stories bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    line bigint;
BEGIN
    PERFORM 1 FROM listening_story WHERE id = ANY (stories) ORDER BY id FOR NO KEY UPDATE;
    FOREACH one IN ARRAY stories LOOP
        SELECT id INTO line FROM listening_mention
            WHERE story_id = one AND state = 'untriaged' ORDER BY id LIMIT 1;
        CONTINUE WHEN line IS NULL;
        UPDATE listening_mention SET is_folded = false WHERE id = line AND is_folded;
        UPDATE listening_mention SET is_folded = true
            WHERE story_id = one AND state = 'untriaged' AND NOT is_folded AND id <> line;
    END LOOP;
END $$;

CREATE FUNCTION listening_unfold_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_folded := false;
    RETURN NEW;
END $$;
CREATE TRIGGER mention_unfold_decided BEFORE UPDATE ON listening_mention FOR EACH ROW
    WHEN (NEW.is_folded AND (NEW.state <> 'untriaged' OR NEW.story_id IS NULL
        OR NEW.story_id IS DISTINCT FROM OLD.story_id))
    EXECUTE FUNCTION listening_unfold_decided();

CREATE FUNCTION listening_fold_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM listening_fold(ARRAY[NEW.story_id]);
    RETURN NULL;
END $$;
CREATE TRIGGER mention_fold_inserted AFTER INSERT ON listening_mention FOR EACH ROW
    WHEN (NEW.story_id IS NOT NULL AND NEW.state = 'untriaged')
    EXECUTE FUNCTION listening_fold_inserted();

CREATE FUNCTION listening_fold_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stories bigint[];
BEGIN
    SELECT array_agg(DISTINCT story) INTO stories
    FROM earlier JOIN later USING (id)
        CROSS JOIN LATERAL (VALUES (earlier.story_id), (later.story_id)) AS touched (story)
    WHERE story IS NOT NULL AND (earlier.story_id, earlier.state = 'untriaged')
        IS DISTINCT FROM (later.story_id, later.state = 'untriaged');
    IF stories IS NOT NULL THEN
        PERFORM listening_fold(stories);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mention_fold_updated AFTER UPDATE ON listening_mention
    REFERENCING OLD TABLE AS earlier NEW TABLE AS later FOR EACH STATEMENT
    EXECUTE FUNCTION listening_fold_updated();

CREATE FUNCTION listening_fold_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stories bigint[];
BEGIN
    SELECT array_agg(DISTINCT story_id) INTO stories
    FROM earlier WHERE story_id IS NOT NULL AND state = 'untriaged';
    IF stories IS NOT NULL THEN
        PERFORM listening_fold(stories);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mention_fold_deleted AFTER DELETE ON listening_mention
    REFERENCING OLD TABLE AS earlier FOR EACH STATEMENT
    EXECUTE FUNCTION listening_fold_deleted();

UPDATE listening_mention mention SET is_folded = true
FROM (
    SELECT story_id, min(id) AS line FROM listening_mention
    WHERE state = 'untriaged' AND story_id IS NOT NULL GROUP BY story_id HAVING count(*) > 1
) told
WHERE mention.story_id = told.story_id AND mention.state = 'untriaged' AND mention.id > told.line;
"""
LET_GO = """
DROP TRIGGER mention_fold_deleted ON listening_mention;
DROP TRIGGER mention_fold_updated ON listening_mention;
DROP TRIGGER mention_fold_inserted ON listening_mention;
DROP TRIGGER mention_unfold_decided ON listening_mention;
DROP FUNCTION listening_fold_deleted();
DROP FUNCTION listening_fold_updated();
DROP FUNCTION listening_fold_inserted();
DROP FUNCTION listening_unfold_decided();
DROP FUNCTION listening_fold(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("listening", "0016_triage_of_many")]

    operations = [
        migrations.AddField(
            model_name="mention",
            name="is_folded",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="bulkdecision",
            name="followed_before",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="bulkdecision",
            name="story_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="story",
            name="follow_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("spam", "Spam"),
                    ("off_topic", "Off topic"),
                    ("other_meaning", "Another meaning of the word"),
                    ("duplicate", "Seen already"),
                    ("advert", "Advertisement or job ad"),
                    ("ours", "Said by ourselves"),
                ],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="story",
            name="follow_state",
            field=models.CharField(
                blank=True,
                choices=[
                    ("routed", "Given to a department"),
                    ("dismissed", "Not relevant"),
                    ("kept", "Relevant, nothing to do"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("is_folded", False), ("state", "untriaged")),
                fields=["organization", "-id"],
                name="mention_lines",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("state", "untriaged"), ("story__isnull", False)),
                fields=["story", "id"],
                name="mention_story_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("is_folded", False), ("state", "untriaged"), ("story__isnull", False)),
                fields=["story", "id"],
                name="mention_story_face",
            ),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
