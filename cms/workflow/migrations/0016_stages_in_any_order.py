"""One step may collect both approvals, whichever comes first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('workflow', '0015_change_requests')]

    operations = [
        migrations.AlterField(
            model_name='reviewtask',
            name='stage',
            field=models.CharField(choices=[('editorial', 'Editorial review'), ('clinical', 'Clinical review'), ('editorial+clinical', 'Editorial and clinical review, in any order')], default='editorial', max_length=20),
        ),
    ]
