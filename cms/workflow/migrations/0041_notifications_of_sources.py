"""Owners are told when a source of their page no longer stands."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('workflow', '0040_external_links')]

    operations = [
        migrations.AddField(
            model_name='notificationchoice',
            name='source',
            field=models.CharField(choices=[('at_once', 'By e-mail at once'), ('daily', 'In a daily e-mail'), ('admin', 'Only here in the admin'), ('off', 'Not at all')], default='daily', max_length=10, verbose_name='A source of my page is retracted or superseded'),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('submitted', 'A page waits for my review'), ('assigned', 'A review is given to me'), ('changes_requested', 'Changes are requested on my page'), ('approved', 'My page is approved at a stage'), ('published', 'My page is published'), ('refused', 'A page could not be published'), ('overdue', 'The review of a page is overdue'), ('source', 'A source of my page is retracted or superseded')], max_length=20),
        ),
    ]
