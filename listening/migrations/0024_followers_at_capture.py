from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0023_what_waits_by_network"),
        ("roles", "0017_cadence"),
    ]

    operations = [
        migrations.AddField(
            model_name="mention",
            name="followers",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="story",
            index=models.Index(fields=["organization", "first_at"], include=("size",), name="story_begun"),
        ),
    ]
