"""What reviewers asked authors to change, and where."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflow', '0014_assignments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page_id', models.BigIntegerField(db_index=True, help_text='The page as it is numbered here.')),
                ('document_id', models.UUIDField()),
                ('step_id', models.BigIntegerField(help_text='The step at which it was asked for.')),
                ('stage', models.CharField(choices=[('editorial', 'Editorial review'), ('clinical', 'Clinical review')], max_length=20)),
                ('field', models.CharField(blank=True, max_length=100)),
                ('block_id', models.CharField(blank=True, max_length=60)),
                ('comment', models.TextField()),
                ('name', models.CharField(max_length=255)),
                ('at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('is_done', models.BooleanField(default=False, help_text='Somebody marked it done; otherwise submitting closed it.')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'pk'],
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(('comment', ''), _negated=True), name='change_request_says_what'), models.CheckConstraint(condition=models.Q(('block_id', ''), models.Q(('field', ''), _negated=True), _connector='OR'), name='change_request_block_in_field')],
            },
        ),
    ]
