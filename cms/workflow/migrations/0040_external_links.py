"""What is known of addresses outside, and where they are used."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pages', '0003_superseded_references'),
        ('wagtailcore', '0097_baselogentry_uuid_action_timestamp_indexes'),
        ('workflow', '0017_workflow_in_any_order'),
    ]

    operations = [
        migrations.CreateModel(
            name='LinkHost',
            fields=[
                ('host', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('free_at', models.DateTimeField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='LinkReading',
            fields=[
                ('page', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='link_reading', serialize=False, to='wagtailcore.page')),
                ('read_at', models.DateTimeField()),
                ('was_live', models.BooleanField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ExternalAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('address', models.CharField(max_length=2000)),
                ('state', models.CharField(choices=[('dead', 'Dead'), ('redirects', 'Moved'), ('failing', 'Failing, not dead yet'), ('unclear', 'Could not be checked'), ('unasked', 'Not asked yet'), ('good', 'Good')], default='unasked', max_length=10)),
                ('status', models.PositiveSmallIntegerField(null=True, verbose_name='answer')),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('redirects_to', models.CharField(blank=True, max_length=2000, verbose_name='new address')),
                ('asked_at', models.DateTimeField(null=True, verbose_name='last asked')),
                ('failing_since', models.DateTimeField(null=True)),
                ('missing_since', models.DateTimeField(null=True)),
                ('missing_count', models.PositiveSmallIntegerField(default=0)),
                ('ask_at', models.DateTimeField(verbose_name='next asked')),
                ('is_wanted', models.BooleanField(default=False)),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addresses', to='workflow.linkhost')),
            ],
            options={
                'ordering': ['address'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AddressUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_public', models.BooleanField(default=False, help_text='In the public words; else only in the newest draft.')),
                ('page', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wagtailcore.page')),
                ('reference', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='pages.reference')),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='workflow.externaladdress')),
            ],
            options={
                'ordering': ['pk'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('page__isnull', False), ('reference__isnull', False), _connector='OR'), name='address_use_is_somewhere')],
            },
        ),
        migrations.AddIndex(
            model_name='externaladdress',
            index=models.Index(fields=['ask_at'], name='external_address_due'),
        ),
    ]
