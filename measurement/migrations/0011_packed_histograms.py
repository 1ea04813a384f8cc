from __future__ import annotations

from django.db import migrations, models

PACKED = {
    "dailyresponses": ("first_response", "business_response", "resolution", "business_resolution"),
    "dailypromises": ("wait", "business_wait"),
}


def _pack(model: str, columns: tuple[str, ...]) -> migrations.RunSQL:
    """Keep what was counted, as bytes; the other way all is counted anew.

    Each table is written anew once, by the change of its columns' type. An update beforehand would leave checks of
    foreign keys waiting for the end of the transaction, and while they wait nothing of the table can be altered.
    """
    table = f"measurement_{model}"
    packed = ", ".join(f"ALTER COLUMN {column} TYPE bytea USING pg_temp.packed({column})" for column in columns)
    dropped = ", ".join(f"DROP COLUMN {column}" for column in columns)
    empty = ", ".join(f"ADD COLUMN {column} integer[] NOT NULL DEFAULT ARRAY[]::integer[]" for column in columns)
    plain = ", ".join(f"ALTER COLUMN {column} DROP DEFAULT" for column in columns)
    return migrations.RunSQL(
        f"""
        CREATE OR REPLACE FUNCTION pg_temp.packed(histogram integer[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $packed$
            SELECT coalesce(string_agg(int4send(held), ''::bytea ORDER BY place), ''::bytea)
            FROM unnest(histogram) WITH ORDINALITY AS counted (held, place)
        $packed$;
        -- A database that is new has them packed from the first moment.
        DO $$ BEGIN
            IF (SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                WHERE attrelid = '{table}'::regclass AND attname = '{columns[0]}') = 'integer[]' THEN
                ALTER TABLE {table} {packed};
            END IF;
        END $$;
        DROP FUNCTION pg_temp.packed(integer[]);
        """,  # noqa: S608
        f"""
        ALTER TABLE {table} {dropped};
        ALTER TABLE {table} {empty};
        ALTER TABLE {table} {plain};
        DELETE FROM measurement_rollup;
        """,  # noqa: S608
        state_operations=[
            migrations.AlterField(model, column, models.BinaryField(default=bytes)) for column in columns
        ],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("measurement", "0004_flow"),
    ]

    operations = [
        *(_pack(model, columns) for model, columns in PACKED.items()),
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
