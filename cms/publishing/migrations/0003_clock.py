"""The clock's one row, at position 0: the first entry will be number 1."""

from django.db import migrations


def start(apps, schema_editor):
    apps.get_model("publishing", "Clock").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("publishing", "0002_append_only")]

    # Undoing removes the table itself, in 0001.
    operations = [migrations.RunPython(start, migrations.RunPython.noop)]
