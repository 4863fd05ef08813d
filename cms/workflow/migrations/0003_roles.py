"""The five roles: author, editor, clinician, publisher, administrator.

Wagtail's own two groups and its one-step workflow go: they know no clinical review, and two ways of working side by side
would leave a door open. Permissions are made here because Django makes them only after all migrations.
"""

from django.db import migrations

ACCESS = [("wagtailadmin", "admin", "access_admin")]
WRITE_REFERENCES = [("pages", "reference", f"{verb}_reference") for verb in ("add", "change", "view")]
SETTINGS = [
    ("home", "clinicsettings", "change_clinicsettings"),
    ("home", "navigation", "change_navigation"),
    ("wagtailseo", "seosettings", "change_seosettings"),
]
REDIRECTS = [("wagtailredirects", "redirect", f"{verb}_redirect") for verb in ("add", "change", "delete", "view")]
PEOPLE = [("accounts", "user", f"{verb}_user") for verb in ("add", "change", "delete", "view")] + [
    ("auth", "group", f"{verb}_group") for verb in ("add", "change", "delete", "view")
]
WORKFLOWS = [
    ("wagtailcore", model, f"{verb}_{model}")
    for model in ("workflow", "task")
    for verb in ("add", "change", "delete", "view")
] + [("workflow", "reviewtask", f"{verb}_reviewtask") for verb in ("add", "change", "delete", "view")]
SEE_APPROVALS = [("workflow", "approval", "view_approval"), ("publishing", "entry", "view_entry")]
EDITORIAL = [("workflow", "approval", "give_editorial_approval")]
CLINICAL = [("workflow", "approval", "give_clinical_approval")]
SITES = [("wagtailcore", "site", f"{verb}_site") for verb in ("add", "change", "delete", "view")]

WRITE = ("add_page", "change_page")
MANAGE = (*WRITE, "publish_page", "bulk_delete_page", "lock_page", "unlock_page")
FILES = [
    (app, model, f"{verb}_{model}")
    for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document"))
    for verb in ("add", "change", "choose")
]

ROLES = {
    "Author": (ACCESS + WRITE_REFERENCES, WRITE, FILES),
    "Editor": (ACCESS + WRITE_REFERENCES + EDITORIAL + SEE_APPROVALS, WRITE, FILES),
    "Clinician": (ACCESS + CLINICAL + SEE_APPROVALS, (), FILES[2:3]),
    "Publisher": (ACCESS + WRITE_REFERENCES + REDIRECTS + SEE_APPROVALS, MANAGE, FILES),
    "Administrator": (
        ACCESS
        + WRITE_REFERENCES
        + REDIRECTS
        + SETTINGS
        + PEOPLE
        + WORKFLOWS
        + SITES
        + EDITORIAL
        + SEE_APPROVALS
        + [("pages", "reference", "delete_reference")],
        MANAGE,
        FILES,
    ),
}


def make_roles(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    Page = apps.get_model("wagtailcore", "Page")
    Collection = apps.get_model("wagtailcore", "Collection")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")

    def permission(app, model, codename):
        content_type, _ = ContentType.objects.get_or_create(app_label=app, model=model)
        name = f"Can {codename.replace('_', ' ')}"
        return Permission.objects.get_or_create(content_type=content_type, codename=codename, defaults={"name": name})[0]

    Group.objects.filter(name__in=("Editors", "Moderators")).delete()
    root = Page.objects.get(depth=1)
    collections = Collection.objects.get(depth=1)
    for name, (general, on_pages, on_files) in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([permission(*one) for one in general])
        for codename in on_pages:
            GroupPagePermission.objects.get_or_create(
                group=group, page=root, permission=permission("wagtailcore", "page", codename)
            )
        for one in on_files:
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=collections, permission=permission(*one)
            )


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0002_append_only"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailimages", "0027_image_description"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("accounts", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_roles, remove_roles)]
