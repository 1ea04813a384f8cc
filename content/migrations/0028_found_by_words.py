"""Indexes over the words of media and ideas, and over what is coming, made while others write."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("content", "0022_piece_words")]

    operations = [
        AddIndexConcurrently(
            model_name="idea",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("text", "quote", "page_title", config="simple"),
                name="idea_words",
            ),
        ),
        AddIndexConcurrently(
            model_name="media",
            index=models.Index(
                condition=models.Q(("alt", "")), fields=["organization", "-id"], name="media_without_words"
            ),
        ),
        AddIndexConcurrently(
            model_name="media",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector(
                    models.Func(models.F("name"), models.Value("._-"), models.Value("   "), function="translate"),
                    "alt",
                    config="simple",
                ),
                name="media_words",
            ),
        ),
        AddIndexConcurrently(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "held", "ready"])),
                fields=["organization", "due_at", "id"],
                name="publication_coming",
            ),
        ),
    ]
