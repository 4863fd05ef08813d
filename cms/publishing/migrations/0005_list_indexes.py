"""Indexes that lists walk along: by site first, and with one direction for all columns so that both ways work."""

from django.db import migrations, models

ORDERS = {
    "head_by_publication": "published_at",
    "head_by_update": "updated_at",
    "head_by_review": "reviewed_at",
    "head_by_title": "title",
}
OF_SITE = {"head_of_site_by_publication": "published_at", "head_of_site_by_update": "updated_at"}


class Migration(migrations.Migration):
    dependencies = [("publishing", "0004_clock_epoch")]

    operations = [
        *(migrations.RemoveIndex("head", name) for name in [*ORDERS, "head_by_path"]),
        migrations.AddIndex("head", models.Index(fields=["path", "site_id"], name="head_by_path")),
        *(
            migrations.AddIndex("head", models.Index(fields=["site_id", "type", column, "document_id"], name=name))
            for name, column in ORDERS.items()
        ),
        *(
            migrations.AddIndex("head", models.Index(fields=["site_id", column, "document_id"], name=name))
            for name, column in OF_SITE.items()
        ),
        migrations.AddIndex(
            "head",
            models.Index(fields=["expires_at"], condition=models.Q(expires_at__isnull=False), name="head_by_expiry"),
        ),
    ]
