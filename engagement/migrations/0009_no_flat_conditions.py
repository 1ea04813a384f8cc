"""The flat columns of routing rules go; their trees say it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0008_conditions_into_trees")]

    operations = [
        *(
            migrations.RemoveField(model_name="routingrule", name=name)
            for name in ("language", "network", "query", "sentiment", "source", "words", "was_topic")
        ),
        migrations.AddField(
            model_name="routingrule",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="listening.topic",
                verbose_name="topic",
            ),
        ),
    ]
