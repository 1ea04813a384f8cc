from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("listening", "0019_fewer_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(fields=["organization", "language", "-id"], name="mention_language"),
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("sentiment__in", [-1, 1])),
                fields=["organization", "sentiment", "-id"],
                name="mention_sentiment",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("is_internal", True)), fields=["organization", "-id"], name="post_internal"
            ),
        ),
    ]
