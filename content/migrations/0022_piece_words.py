"""An index over the words of pieces, made while others write."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("content", "0027_review_guests")]

    operations = [
        AddIndexConcurrently(
            model_name="piece",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector(
                    "title", django.db.models.functions.text.Left("body", 50000), config="simple"
                ),
                name="piece_words",
            ),
        ),
    ]
