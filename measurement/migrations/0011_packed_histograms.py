from __future__ import annotations

from django.db import migrations, models

PACKED = {
    "dailyresponses": ("first_response", "business_response", "resolution", "business_resolution"),
    "dailypromises": ("wait", "business_wait"),
}


def _pack(model: str, column: str) -> migrations.RunSQL:
    """Keep what was counted, as bytes; the other way all is counted anew."""
    table = f"measurement_{model}"
    return migrations.RunSQL(
        f"""
        -- A database that is new has them packed from the first moment.
        DO $$ BEGIN
            IF (SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                WHERE attrelid = '{table}'::regclass AND attname = '{column}') = 'integer[]' THEN
                ALTER TABLE {table} ADD COLUMN packed bytea NOT NULL DEFAULT '';
                UPDATE {table} SET packed = coalesce((
                    SELECT string_agg(int4send(held), ''::bytea ORDER BY place)
                    FROM unnest({column}) WITH ORDINALITY AS histogram (held, place)
                ), '');
                ALTER TABLE {table} DROP COLUMN {column};
                ALTER TABLE {table} RENAME COLUMN packed TO {column};
                ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT;
            END IF;
        END $$;
        """,  # noqa: S608
        f"""
        ALTER TABLE {table} DROP COLUMN {column};
        ALTER TABLE {table} ADD COLUMN {column} integer[] NOT NULL DEFAULT ARRAY[]::integer[];
        ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT;
        DELETE FROM measurement_rollup;
        """,  # noqa: S608
        state_operations=[migrations.AlterField(model, column, models.BinaryField(default=bytes))],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("measurement", "0004_flow"),
    ]

    operations = [
        *(_pack(model, column) for model, columns in PACKED.items() for column in columns),
        migrations.AddIndex(
            model_name="hourlymentions",
            index=models.Index(
                fields=["organization", "query_id", "hour"],
                include=["network", "captured"],
                name="hourly_mentions_query",
            ),
        ),
        migrations.RemoveConstraint(model_name="hourlyresponses", name="hourly_responses_once"),
        migrations.AddConstraint(
            model_name="hourlyresponses",
            constraint=models.UniqueConstraint(
                fields=["organization", "hour", "department", "network"],
                include=["assigned"],
                name="hourly_responses_once",
            ),
        ),
    ]
