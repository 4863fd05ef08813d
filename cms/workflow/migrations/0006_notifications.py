"""What each person was told, and how he wants to be told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('workflow', '0004_default_workflows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NotificationChoice',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='notification_choice', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('submitted', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='at_once', max_length=10, verbose_name='A page waits for my review')),
                ('assigned', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='at_once', max_length=10, verbose_name='A review is given to me')),
                ('changes_requested', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='at_once', max_length=10, verbose_name='Changes are requested on my page')),
                ('approved', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='at_once', max_length=10, verbose_name='My page is approved at a stage')),
                ('published', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='at_once', max_length=10, verbose_name='My page is published')),
                ('refused', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='at_once', max_length=10, verbose_name='A page could not be published')),
                ('overdue', models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='daily', max_length=10, verbose_name='The review of a page is overdue')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('submitted', 'A page waits for my review'), ('assigned', 'A review is given to me'), ('changes_requested', 'Changes are requested on my page'), ('approved', 'My page is approved at a stage'), ('published', 'My page is published'), ('refused', 'A page could not be published'), ('overdue', 'The review of a page is overdue')], max_length=20)),
                ('key', models.CharField(max_length=120)),
                ('page_id', models.BigIntegerField()),
                ('title', models.CharField(max_length=255)),
                ('stage', models.CharField(blank=True, choices=[('editorial', 'Editorial review'), ('clinical', 'Clinical review')], max_length=20)),
                ('step_id', models.BigIntegerField(help_text='The step that waits; when it is over, no mail is needed.', null=True)),
                ('actor_name', models.CharField(blank=True, max_length=255)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('mail_at', models.DateTimeField(null=True)),
                ('mailed_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('claim', models.UUIDField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['user', '-at'], name='notification_by_user'), models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='notification_unread'), models.Index(condition=models.Q(('mail_at__isnull', False)), fields=['mail_at'], name='notification_to_mail'), models.Index(fields=['key'], name='notification_by_key')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='notification_told_once')],
            },
        ),
    ]
