"""Overrides of an emergency, and their confirmations."""


import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflow', '0006_notifications'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document_id', models.UUIDField()),
                ('page_id', models.BigIntegerField(help_text='The page as it was numbered here; the override outlives it.')),
                ('revision_id', models.BigIntegerField()),
                ('replaced_id', models.BigIntegerField(null=True)),
                ('corrected_from', models.BigIntegerField(null=True)),
                ('content_digest', models.CharField(max_length=64)),
                ('content', models.TextField(help_text='The words that were published, as canonical JSON.')),
                ('title', models.CharField(max_length=255)),
                ('findings', models.JSONField(default=list, help_text='What stood against these words.')),
                ('reason', models.TextField(help_text='Why; the public can read it.')),
                ('author_ids', models.JSONField(default=list, help_text='Who wrote these words; none of them may confirm.')),
                ('name', models.CharField(max_length=255)),
                ('at', models.DateTimeField()),
                ('confirm_by', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'permissions': [('override_gate', 'Can publish in an emergency, and confirm what somebody else published so')],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='OverrideConfirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255)),
                ('at', models.DateTimeField()),
                ('override', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='confirmation', to='workflow.override')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='override',
            index=models.Index(fields=['document_id', 'content_digest'], name='override_by_content'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.GreaterThanOrEqual(django.db.models.functions.text.Length('reason'), 20), name='override_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='override',
            constraint=models.CheckConstraint(condition=models.Q(('confirm_by__gt', models.F('at'))), name='override_has_a_deadline'),
        ),
    ]
