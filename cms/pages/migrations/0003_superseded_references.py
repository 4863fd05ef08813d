"""A source can say which newer one took its place."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pages', '0002_relations'),
    ]

    operations = [
        migrations.AddField(
            model_name='reference',
            name='superseded_by',
            field=models.ForeignKey(blank=True, help_text='The newer source that takes its place, when it is in the library. Pages that cite this one need a look.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='pages.reference'),
        ),
        migrations.AddField(
            model_name='reference',
            name='superseded_note',
            field=models.CharField(blank=True, help_text='The newer source in words, while it is not in the library.', max_length=255, verbose_name='superseded by another source'),
        ),
        migrations.AddField(
            model_name='reference',
            name='superseded_on',
            field=models.DateField(blank=True, help_text='When the newer one appeared.', null=True, verbose_name='superseded on'),
        ),
    ]
