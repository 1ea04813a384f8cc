from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listening", "0039_revisits")]

    operations = [
        migrations.CreateModel(
            name="OwnSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=200, unique=True)),
                ("sealed", models.TextField(editable=False)),
            ],
        ),
        migrations.RemoveConstraint(model_name="source", name="source_once"),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(
                fields=("organization", "network", "place", "connection"),
                name="source_once",
                nulls_distinct=False,
                violation_error_message="This place is a source already.",
            ),
        ),
    ]
