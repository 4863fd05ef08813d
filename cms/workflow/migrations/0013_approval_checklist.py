"""An approval keeps the checklist as it was.

The column may be empty: approvals from before there were checklists had none, and cannot be changed. It also spares SQLite
from copying the table, which would lose the triggers that guard it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('workflow', '0012_default_checklists')]

    operations = [
        migrations.AddField(
            model_name='approval',
            name='checklist',
            field=models.JSONField(help_text='The points as they were, and which were ticked; empty from before there were checklists.', null=True),
        ),
    ]
