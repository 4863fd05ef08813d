"""Pages that come first for a phrase."""

import django.db.models.deletion
import modelcluster.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('search', '0010_synonyms')]

    operations = [
        migrations.CreateModel(
            name='Promotion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locale', models.CharField(blank=True, help_text='Leave empty for every language of the site.', max_length=20, verbose_name='language')),
                ('phrase', models.CharField(max_length=100)),
                ('folded', models.CharField(editable=False, max_length=200)),
                ('starts_at', models.DateTimeField(blank=True, help_text='Leave empty to begin at once.', null=True, verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, help_text='Leave empty for no end.', null=True, verbose_name='until')),
                ('is_running', models.BooleanField(default=False, editable=False)),
                ('site', models.ForeignKey(blank=True, help_text='Leave empty for every site.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('site', None)), fields=('folded', 'locale'), name='promotion_once_everywhere'),
                    models.UniqueConstraint(condition=models.Q(('site__isnull', False)), fields=('folded', 'locale', 'site'), name='promotion_once_on_a_site'),
                    models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('starts_at__lt', models.F('ends_at')), _connector='OR'), name='promotion_ends_after_it_starts'),
                ],
                'verbose_name': 'promoted result',
                'ordering': ['folded', 'locale'],
            },
        ),
        migrations.CreateModel(
            name='PromotedPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.page')),
                ('promotion', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='promoted_pages', to='search.promotion')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('promotion', 'page'), name='promoted_page_once'),
                ],
                'ordering': ['sort_order'],
                'abstract': False,
                'default_permissions': (),
            },
        ),
    ]
