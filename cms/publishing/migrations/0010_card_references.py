"""Beside heads stand the references that lists show, ready to be served.

No text is ready after this migration: readers join until the worker has made them all. A table of its own and not a column,
because SQLite reads a row from its beginning, and a new column stands behind the long texts.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0009_head_reference")]

    operations = [
        migrations.CreateModel(
            "CardReferences",
            [
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="card_references",
                        serialize=False,
                        to="publishing.head",
                    ),
                ),
                ("written", models.TextField(null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("written__isnull", True)),
                        fields=["source"],
                        name="card_references_unready",
                    )
                ],
            },
        ),
    ]
