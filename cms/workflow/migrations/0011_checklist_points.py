"""The points that reviewers confirm when they approve, as rows that administrators keep."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('workflow', '0010_override_permission')]

    operations = [
        migrations.CreateModel(
            name='ChecklistPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('editorial', 'Editorial review'), ('clinical', 'Clinical review')], max_length=20)),
                ('text', models.CharField(help_text='What the reviewer confirms, as a statement: “Every figure agrees with …”', max_length=200, verbose_name='point')),
                ('explanation', models.CharField(blank=True, help_text='What exactly to look at. Shown below the point.', max_length=400)),
                ('is_required', models.BooleanField(default=True, help_text='Nobody can approve at this stage without ticking it.', verbose_name='required')),
                ('position', models.PositiveSmallIntegerField(default=100, help_text='Smaller numbers come first.')),
            ],
            options={
                'verbose_name': 'point of a review checklist',
                'verbose_name_plural': 'points of review checklists',
                'ordering': ['stage', 'position', 'pk'],
            },
        ),
    ]
