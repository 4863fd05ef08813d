"""Administrators make and revoke API keys. The permissions are made here because Django makes them after all migrations."""

from django.db import migrations

VERBS = ("add", "delete", "view")
ROLE = "Administrator"


def grant(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    content_type, _ = ContentType.objects.get_or_create(app_label="api", model="apikey")
    for group in apps.get_model("auth", "Group").objects.filter(name=ROLE):
        for verb in VERBS:
            permission, _ = Permission.objects.get_or_create(
                content_type=content_type, codename=f"{verb}_apikey", defaults={"name": f"Can {verb} API key"}
            )
            group.permissions.add(permission)


def withdraw(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    permissions = Permission.objects.filter(content_type__app_label="api", content_type__model="apikey")
    for group in apps.get_model("auth", "Group").objects.filter(name=ROLE):
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    dependencies = [("api", "0002_preview_tokens"), ("workflow", "0003_roles")]

    operations = [migrations.RunPython(grant, withdraw)]
