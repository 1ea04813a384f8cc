"""People outside whom a policy names: in its steps, in the steps that were asked, and in what became of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0029_reminded_guests")]

    operations = [
        migrations.AddField("reviewpolicystep", "outside", models.JSONField(blank=True, default=list)),
        migrations.AddField("reviewstep", "outside", models.JSONField(blank=True, default=list)),
        migrations.AddField("reviewguest", "is_named", models.BooleanField(default=False)),
    ]
