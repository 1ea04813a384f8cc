"""The words of posts, for search; what was captured before is indexed in the background."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0010_venue_map"),
        ("roles", "0002_audit_is_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostToIndex",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("post_id", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "posts to index"},
        ),
        migrations.CreateModel(
            name="PostWords",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="listening.post",
                    ),
                ),
                ("words", models.TextField()),
                ("captured_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="roles.organization",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "post words",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "captured_at", "post"], name="postwords_captured"),
                    django.contrib.postgres.indexes.GinIndex(
                        models.Func(
                            models.Func(
                                models.Func(models.F("words"), function="btrim"),
                                models.Value(" "),
                                function="string_to_array",
                            ),
                            function="array_to_tsvector",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                        name="postwords_words",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            ALTER TABLE listening_postwords ADD CONSTRAINT postwords_of_post
                FOREIGN KEY (post_id) REFERENCES listening_post (id) ON DELETE CASCADE;
            INSERT INTO listening_posttoindex (post_id)
                SELECT id FROM listening_post WHERE withdrawn_at IS NULL ORDER BY id;
            """,
            "ALTER TABLE listening_postwords DROP CONSTRAINT postwords_of_post",
        ),
    ]
