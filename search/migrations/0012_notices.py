"""What stands above the results when somebody types words that may be an emergency."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('search', '0011_promotions')]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('locale', models.CharField(blank=True, help_text='Leave empty for every language of the site.', max_length=20, verbose_name='language')),
                ('title', models.CharField(help_text='In a few plain words, for example “If this is an emergency”.', max_length=100)),
                ('message', models.TextField(help_text='What to do now, in one to three short sentences. Have a clinician read it.', max_length=400)),
                ('telephone', models.CharField(blank=True, help_text='The number that the button calls, for example 911. Leave empty for no button.', max_length=40)),
                ('phrases', models.TextField(help_text='Shown when one of these occurs in a search, as whole words. One phrase on each line.', max_length=4080)),
                ('site', models.ForeignKey(blank=True, help_text='Leave empty for every site.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.site')),
            ],
            options={
                'verbose_name': 'emergency notice',
                'ordering': ['title', 'pk'],
            },
        ),
    ]
