from django.db import migrations, models


class Migration(migrations.Migration):
    """Which certificate must have signed the metadata of a provider, where one is given."""

    dependencies = [("roles", "0019_absences_from_the_log")]

    operations = [
        migrations.AddField(
            model_name="identityprovider",
            name="metadata_certificate",
            field=models.TextField(
                blank=True, default="", max_length=20000, verbose_name="certificate that signs the metadata"
            ),
        ),
    ]
