"""Heads also keep their short reference, ready to be joined, and in front of their long texts.

SQLite reads a row from its beginning: what stands behind a long text costs a walk over all of its pages. So the long columns
are written anew behind the new one.
"""

import json

from django.db import migrations, models
from django.db.models import F

LONG = ("card", "document", "text")


def write_references(apps, schema_editor):
    head = apps.get_model("publishing", "Head")
    rows = head.objects.values_list("pk", "type", "slug", "title", "path")
    for pk, page_type, slug, title, path in rows.iterator(chunk_size=2000):
        parts = {"id": str(pk), "type": page_type, "slug": slug, "title": title, "path": path}
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        head.objects.filter(pk=pk).update(reference=text)


def copy_long_texts(apps, schema_editor):
    apps.get_model("publishing", "Head").objects.update(**{name: F(f"{name}_before") for name in LONG})


class Migration(migrations.Migration):
    dependencies = [("publishing", "0008_entry_lookups")]

    operations = [
        migrations.AddField("head", "reference", models.TextField(default=""), preserve_default=False),
        *(migrations.RenameField("head", name, f"{name}_before") for name in LONG),
        *(migrations.AddField("head", name, models.TextField(default=""), preserve_default=False) for name in LONG),
        migrations.RunPython(copy_long_texts, migrations.RunPython.noop),
        migrations.RunPython(write_references, migrations.RunPython.noop),
        *(migrations.RemoveField("head", f"{name}_before") for name in LONG),
    ]
