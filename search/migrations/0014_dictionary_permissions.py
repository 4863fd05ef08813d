"""Editors, publishers and administrators keep the dictionary, and see what was searched.

Permissions are made here because Django makes them only after all migrations.
"""

from django.db import migrations

ROLES = ("Editor", "Publisher", "Administrator")
KEPT = {"synonym": "synonym", "promotion": "promoted result", "notice": "emergency notice"}
PERMISSIONS = [
    (model, f"{verb}_{model}", f"Can {verb} {name}")
    for model, name in KEPT.items()
    for verb in ("add", "change", "delete", "view")
] + [("searchcount", "view_searchcount", "Can view search")]


def give(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for model, codename, name in PERMISSIONS:
        content_type, _ = ContentType.objects.get_or_create(app_label="search", model=model)
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        for group in Group.objects.filter(name__in=ROLES):
            group.permissions.add(permission)


def take(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    codenames = [codename for _model, codename, _name in PERMISSIONS]
    for permission in Permission.objects.filter(content_type__app_label="search", codename__in=codenames):
        permission.group_set.clear()


class Migration(migrations.Migration):
    dependencies = [("search", "0013_search_counts"), ("workflow", "0003_roles")]

    operations = [migrations.RunPython(give, take)]
