"""When a key was last refused, why, and how often."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('api', '0003_key_permission'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='last_refusal',
            field=models.CharField(blank=True, choices=[('secret', 'wrong secret'), ('revoked', 'revoked'), ('expired', 'expired'), ('suspended', 'its maker may not make keys'), ('scope', 'scope missing')], editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name='apikey',
            name='last_refused_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='last refused'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='refused_count',
            field=models.PositiveBigIntegerField(default=0, editable=False),
        ),
    ]
