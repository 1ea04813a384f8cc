"""Publications keep the key of their address, by which they are known where they are heard again."""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations, models

from listening.identity import page_key


def keep_pages(apps: Any, _schema: Any) -> None:
    """Give those that are out already the key of their address."""
    publication = apps.get_model("content", "Publication")
    changed = []
    for row in publication.objects.exclude(remote_url="").only("pk", "remote_url").iterator(chunk_size=1000):
        row.page = page_key(row.remote_url)
        changed.append(row)
    publication.objects.bulk_update(changed, ["page"], batch_size=1000)


class Migration(migrations.Migration):
    # The column is filled before its indexes are made.
    dependencies = [
        ("content", "0018_comments_told"),
        ("listening", "0052_own_feeds"),
        ("roles", "0028_mail_url"),
    ]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="page",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.RunPython(keep_pages, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("page", ""), _negated=True),
                fields=["organization", "page"],
                name="publication_page",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=django.contrib.postgres.indexes.HashIndex(
                condition=models.Q(("remote_id", ""), _negated=True),
                fields=["remote_id"],
                name="publication_remote_id",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("page", ""), _negated=True), fields=["-accepted_at"], name="publication_new_page"
            ),
        ),
    ]
