"""Keys of the content API: the secret is kept as a digest only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            "ApiKey",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=100, help_text="Which program uses it, and where: “Website, production”."
                    ),
                ),
                ("prefix", models.CharField(max_length=8, unique=True, editable=False)),
                ("secret_digest", models.CharField(max_length=64, editable=False)),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(editable=False)),
                (
                    "expires_at",
                    models.DateTimeField(
                        "expires",
                        null=True,
                        blank=True,
                        help_text="From when it no longer works. Leave empty for a key that stays.",
                    ),
                ),
                ("last_used_at", models.DateTimeField("last used", null=True, editable=False)),
                ("revoked_at", models.DateTimeField(null=True, editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        null=True,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "ordering": ["-created_at", "-pk"],
                "default_permissions": ("add", "delete", "view"),
            },
        )
    ]
