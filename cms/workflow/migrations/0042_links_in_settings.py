"""Addresses in the settings of a site are asked, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0041_notifications_of_sources")]

    operations = [
        migrations.AddField(
            model_name="addressuse",
            name="setting",
            field=models.CharField(
                blank=True, help_text="Which settings of which site: label of the model, colon, key of the site.", max_length=120
            ),
        ),
        migrations.RemoveConstraint(model_name="addressuse", name="address_use_is_somewhere"),
        migrations.AddConstraint(
            model_name="addressuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("page__isnull", False), ("reference__isnull", False), models.Q(("setting", ""), _negated=True), _connector="OR"),
                name="address_use_is_somewhere",
            ),
        ),
    ]
