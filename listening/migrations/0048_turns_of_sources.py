from django.db import migrations, models
from django.db.models.lookups import IsNull


class Migration(migrations.Migration):
    dependencies = [("listening", "0046_sources_by_connection")]

    operations = [
        migrations.RemoveIndex(model_name="source", name="source_due"),
        migrations.AddIndex(
            model_name="source",
            index=models.Index(
                models.F("organization"),
                models.F("network"),
                IsNull(models.F("last_polled_at"), True),
                models.F("next_poll_at"),
                models.F("id"),
                condition=models.Q(("state", "active")),
                name="source_turns",
            ),
        ),
    ]
