"""How often a phrase was searched on a day, without anything about who searched it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('search', '0012_notices')]

    operations = [
        migrations.CreateModel(
            name='SearchCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phrase', models.CharField(max_length=60)),
                ('day', models.DateField()),
                ('site_id', models.BigIntegerField()),
                ('locale', models.CharField(blank=True, max_length=20)),
                ('searches', models.PositiveIntegerField()),
                ('without_result', models.PositiveIntegerField()),
                ('found', models.PositiveIntegerField()),
            ],
            options={
                'verbose_name': 'search',
                'verbose_name_plural': 'searches',
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['day'], name='search_count_by_day')],
                'constraints': [models.UniqueConstraint(fields=('phrase', 'day', 'site_id', 'locale'), name='search_count_is_one_row')],
            },
        ),
    ]
