"""The clock also names the run of the ledger, and counts changes of facts that have no entry."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0003_clock")]

    operations = [
        migrations.AddField("clock", "facts", models.BigIntegerField(default=0)),
        # One row: every installation gets an epoch of its own from the default.
        migrations.AddField("clock", "epoch", models.UUIDField(default=uuid.uuid4)),
    ]
