"""Every head has its row of references; the worker makes them ready."""

from django.db import migrations

FILL = "INSERT INTO publishing_cardreferences (source_id) SELECT document_id FROM publishing_head"


class Migration(migrations.Migration):
    dependencies = [("publishing", "0010_card_references")]

    operations = [migrations.RunSQL(FILL, "DELETE FROM publishing_cardreferences")]
