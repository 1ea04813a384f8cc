from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0028_mail_url"),
    ]

    operations = [
        migrations.AddField(
            model_name="mail",
            name="to_address",
            field=models.EmailField(blank=True, db_default="", default="", max_length=254),
        ),
    ]
