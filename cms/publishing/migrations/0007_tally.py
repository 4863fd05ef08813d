"""Counts of heads, kept instead of counted: filled here from the heads that there are."""

import uuid

from django.db import migrations, models
from django.db.models import Count

NOBODY = uuid.UUID(int=0)


def count(apps, schema_editor):
    head, tie, tally = (apps.get_model("publishing", name) for name in ("Head", "HeadRelation", "Tally"))
    of_heads = head.objects.values("site_id", "type", "locale").annotate(heads=Count("pk"))
    tally.objects.bulk_create(tally(kind="", target_id=NOBODY, **row) for row in of_heads)
    of_ties = tie.objects.values(
        "kind", "target_id", site_id=models.F("source__site_id"), type=models.F("source__type"),
        locale=models.F("source__locale"),
    ).annotate(heads=Count("source", distinct=True)).order_by()
    tally.objects.bulk_create(tally(**row) for row in of_ties)


class Migration(migrations.Migration):
    dependencies = [("publishing", "0006_relation_source")]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_id", models.BigIntegerField()),
                ("type", models.CharField(max_length=40)),
                ("locale", models.CharField(max_length=20)),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("target_id", models.UUIDField()),
                ("heads", models.BigIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddConstraint(
            "tally",
            models.UniqueConstraint(
                fields=["site_id", "type", "target_id", "kind", "locale"], name="tally_is_one_row"
            ),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
