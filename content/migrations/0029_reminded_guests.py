"""When somebody outside was reminded, by which second link, and that whoever asked them knows of its end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0028_found_by_words")]

    operations = [
        migrations.AddField("reviewguest", "reminded_at", models.DateTimeField(null=True)),
        migrations.AddField("reviewguest", "second_digest", models.CharField(max_length=64, null=True, unique=True)),
        migrations.AddField("reviewguest", "told_at", models.DateTimeField(null=True)),
    ]
