"""Tokens that show one draft for a while: kept as a digest only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("api", "0001_api_keys")]

    operations = [
        migrations.CreateModel(
            "PreviewToken",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page_id", models.BigIntegerField()),
                (
                    "revision_id",
                    models.BigIntegerField(null=True, help_text="Empty: whichever revision is the newest."),
                ),
                (
                    "content_digest",
                    models.CharField(
                        max_length=64,
                        blank=True,
                        help_text="Of the words of that revision, because autosave rewrites revisions.",
                    ),
                ),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                (
                    "issuer",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preview_tokens",
                    ),
                ),
            ],
            options={
                "ordering": ["-issued_at", "-pk"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["page_id", "expires_at"], name="preview_token_by_page")],
            },
        )
    ]
