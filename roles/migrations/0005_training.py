from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0004_on_call"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="training_until",
            field=models.DateField(blank=True, null=True, verbose_name="in training until"),
        ),
    ]
