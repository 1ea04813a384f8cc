"""Ideas in full: where they come from, what they are worth and ask, what became of them, and what is like them."""

from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


def tell_alike_ones(apps: Any, _editor: Any) -> None:
    """Give those that were noted before their keys, and say which came from what somebody said."""
    from content.alike import keys_of

    ideas = apps.get_model("content", "Idea")
    ideas._base_manager.filter(mention__isnull=False).update(origin="mention")
    rows = list(ideas._base_manager.only("pk", "text"))
    for row in rows:
        row.keys = keys_of(row.text)
    ideas._base_manager.bulk_update(rows, ["keys"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0008_media"),
        ("listening", "0048_turns_of_sources"),
        ("roles", "0028_mail_url"),
    ]

    operations = [
        migrations.AddField(
            model_name="idea",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="ideas",
                to="content.campaign",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="effort",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="effort"),
        ),
        migrations.AddField(
            model_name="idea",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="merged",
                to="content.idea",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="settled_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="roles.member"
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="story",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="listening.story",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="topic",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="listening.topic",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="value",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="value"),
        ),
        migrations.AddField(
            model_name="idea",
            name="origin",
            field=models.CharField(
                choices=[
                    ("words", "Noted here"),
                    ("mention", "What somebody said"),
                    ("story", "A story"),
                    ("question", "A question that keeps coming"),
                    ("huddle", "The huddle"),
                    ("page", "A page elsewhere"),
                ],
                db_default="words",
                default="words",
                max_length=8,
                verbose_name="where it comes from",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="page_title",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="title of the page"
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="quote",
            field=models.TextField(blank=True, db_default="", default="", max_length=2000, verbose_name="what it says"),
        ),
        migrations.AddField(
            model_name="idea",
            name="reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="idea",
            name="settled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="idea",
            name="state_before",
            field=models.CharField(
                blank=True,
                choices=[
                    ("open", "Open"),
                    ("accepted", "Accepted"),
                    ("used", "Used"),
                    ("dropped", "Dropped"),
                    ("merged", "Merged into another"),
                ],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="step",
            field=models.CharField(
                blank=True,
                choices=[
                    ("listen", "Listen"),
                    ("learn", "Learn"),
                    ("provide_value", "Provide value"),
                    ("engage", "Engage"),
                    ("promote_others", "Promote others"),
                    ("share_about_you", "Share about us"),
                    ("promote", "Promote"),
                ],
                db_default="",
                default="",
                max_length=15,
                verbose_name="step of the value ladder",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="url",
            field=models.CharField(blank=True, db_default="", default="", max_length=2000, verbose_name="address"),
        ),
        migrations.AlterField(
            model_name="idea",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("accepted", "Accepted"),
                    ("used", "Used"),
                    ("dropped", "Dropped"),
                    ("merged", "Merged into another"),
                ],
                default="open",
                max_length=8,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="ease",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(effort=0, then=models.Value(0)),
                    default=django.db.models.expressions.CombinedExpression(models.Value(6), "-", models.F("effort")),
                    output_field=models.IntegerField(),
                ),
                output_field=models.IntegerField(),
            ),
        ),
        migrations.AddField(
            model_name="idea",
            name="merit",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(models.Q(("value", 0), ("effort", 0), _connector="OR"), then=models.Value(0)),
                    default=django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(models.F("value"), "*", models.Value(1000)),
                        "/",
                        models.F("effort"),
                    ),
                    output_field=models.IntegerField(),
                ),
                output_field=models.IntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["organization", "state", "-merit", "-id"], name="idea_best"),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["organization", "state", "-value", "-id"], name="idea_value"),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["organization", "state", "-ease", "-id"], name="idea_easy"),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["organization", "noted_by", "-id"], name="idea_of_member"),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["keys"], name="idea_keys"),
        ),
        migrations.AddConstraint(
            model_name="idea",
            constraint=models.CheckConstraint(
                condition=models.Q(("effort__lte", 5), ("value__lte", 5)), name="idea_rated_up_to_five"
            ),
        ),
        migrations.RunPython(tell_alike_ones, migrations.RunPython.noop),
    ]
