"""Ways to find entries: by the address that a document had, and by when something was public."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0007_tally")]

    operations = [
        migrations.AddIndex("entry", models.Index(fields=["path", "position"], name="entry_by_path")),
        migrations.AddIndex("entry", models.Index(fields=["at", "position"], name="entry_by_time")),
    ]
