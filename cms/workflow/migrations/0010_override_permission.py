"""Administrators and publishers may publish in an emergency, and confirm what somebody else published so.

Permissions are made here because Django makes them only after all migrations.
"""

from django.db import migrations

ROLES = ("Administrator", "Publisher")
PERMISSIONS = {
    "override_gate": "Can publish in an emergency, and confirm what somebody else published so",
    "view_override": "Can view override",
}


def give(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    content_type, _ = ContentType.objects.get_or_create(app_label="workflow", model="override")
    for codename, name in PERMISSIONS.items():
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        for group in Group.objects.filter(name__in=ROLES):
            group.permissions.add(permission)


def take(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    for permission in Permission.objects.filter(content_type__app_label="workflow", codename__in=PERMISSIONS):
        permission.group_set.clear()


class Migration(migrations.Migration):
    dependencies = [("workflow", "0009_overrides_append_only")]

    operations = [migrations.RunPython(give, take)]
