from django.db import migrations

# A warning says “name: what is unusual” of each other subject. One whose name is a topic's too is not known for sure.
KEYS = """
WITH found AS (
    SELECT warning.id, array_agg(DISTINCT query.id ORDER BY query.id) AS keys
    FROM listening_earlywarning AS warning
    CROSS JOIN LATERAL unnest(warning.also) AS said (name)
    JOIN listening_trackingquery AS query ON query.organization_id = warning.organization_id
        AND starts_with(said.name, query.name || ': ')
    WHERE warning.state <> 'closed' AND warning.also_queries = '{}'
        AND EXISTS (SELECT 1 FROM listening_watchedseries AS series WHERE series.query_id = query.id)
        AND NOT EXISTS (SELECT 1 FROM listening_topic AS topic
                        WHERE topic.organization_id = query.organization_id AND topic.name = query.name)
    GROUP BY warning.id
)
UPDATE listening_earlywarning AS warning SET also_queries = found.keys FROM found WHERE warning.id = found.id
"""


class Migration(migrations.Migration):
    """Warnings that were open when they learned to know queries by key are told which they are of."""

    dependencies = [("listening", "0037_connections")]

    operations = [migrations.RunSQL(KEYS, migrations.RunSQL.noop)]
