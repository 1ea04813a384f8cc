from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0031_task_records"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="end_told_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
