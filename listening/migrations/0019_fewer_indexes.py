"""Databases made before lose indexes that others cover; new ones are made without them."""

from django.db import migrations

DROPPED = """
    listening_post_organization_id_78319df7 listening_post_source_id_f688c654
    listening_author_organization_id_17063842
    listening_mention_organization_id_fd57842f listening_mention_source_id_2c436a5a
    listening_mention_channel_id_4e0d9a09 listening_mention_department_id_e847ac3e
    listening_mention_triaged_by_id_2fb06566 listening_mention_topic_id_322d9fe0 listening_mention_story_id_9f815eda
    listening_mentionmatch_organization_id_391c1e5b listening_mentionmatch_mention_id_fc381228
    listening_mentionmatch_query_id_c7773531
    listening_poll_organization_id_f52d0eb3 listening_poll_source_id_ef8885c8
    listening_source_organization_id_48c95a91
""".split()


class Migration(migrations.Migration):
    dependencies = [("listening", "0018_followers")]

    operations = [
        *(migrations.RunSQL(f"DROP INDEX IF EXISTS {name}", migrations.RunSQL.noop) for name in DROPPED),
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS mention_channel ON listening_mention (channel_id) WHERE channel_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
