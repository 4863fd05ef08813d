"""Other words for what pages say, kept by editors."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('search', '0002_letters_in_order'),
        ('wagtailcore', '0097_baselogentry_uuid_action_timestamp_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Synonym',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locale', models.CharField(blank=True, help_text='Leave empty for every language of the site.', max_length=20, verbose_name='language')),
                ('phrase', models.CharField(max_length=100)),
                ('folded', models.CharField(editable=False, max_length=200)),
                ('meanings', models.TextField(help_text='What the pages call it, for example “tobacco dependence”. One phrase on each line, up to ten.', max_length=1020, verbose_name='means')),
                ('is_both_ways', models.BooleanField(default=False, help_text='Tick when people who type the other phrase look for this one as well: “hay fever” and “allergic rhinitis”.', verbose_name='both ways')),
                ('site', models.ForeignKey(blank=True, help_text='Leave empty for every site.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('site', None)), fields=('folded', 'locale'), name='synonym_once_everywhere'),
                    models.UniqueConstraint(condition=models.Q(('site__isnull', False)), fields=('folded', 'locale', 'site'), name='synonym_once_on_a_site'),
                ],
                'ordering': ['folded', 'locale'],
            },
        ),
    ]
