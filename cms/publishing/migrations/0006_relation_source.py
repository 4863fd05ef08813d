"""Ties repeat type and publication of their source, for lists that are filtered by a related page."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def repeat(apps, schema_editor):
    heads = apps.get_model("publishing", "Head").objects.filter(pk=OuterRef("source"))
    apps.get_model("publishing", "HeadRelation").objects.update(
        source_type=Subquery(heads.values("type")), source_published_at=Subquery(heads.values("published_at"))
    )


class Migration(migrations.Migration):
    dependencies = [("publishing", "0005_list_indexes")]

    operations = [
        migrations.AddField(
            "headrelation", "source_type", models.CharField(default="", max_length=40), preserve_default=False
        ),
        migrations.AddField("headrelation", "source_published_at", models.DateTimeField(null=True)),
        migrations.RunPython(repeat, migrations.RunPython.noop),
        migrations.RemoveIndex("headrelation", "relation_by_source"),
        migrations.RemoveIndex("headrelation", "relation_by_target"),
        migrations.AddIndex(
            "headrelation",
            models.Index(fields=["source", "kind", "order", "target_id"], name="relation_by_source"),
        ),
        migrations.AddIndex(
            "headrelation",
            models.Index(
                fields=["target_id", "kind", "source_type", "source_published_at", "source"], name="relation_by_target"
            ),
        ),
    ]
