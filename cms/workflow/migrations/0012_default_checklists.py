"""What a reviewer looks at unless a clinic says otherwise, and the administrators' right to say so.

The points follow what good health publishers do: facts against sources, benefits beside risks, when to seek care, plain
language. Permissions are made here because Django makes them only after all migrations.
"""

from django.db import migrations

# Stage, point, explanation, whether it is required.
POINTS = (
    (
        "editorial",
        "Every statement of fact agrees with the source that it cites.",
        "Open each reference and compare figures, who was studied, and what was found.",
        True,
    ),
    (
        "editorial",
        "Benefits and risks stand side by side.",
        "Who reads what may help also reads what may go wrong, and for whom. A page that claims no benefit has none to weigh.",
        True,
    ),
    (
        "editorial",
        "Where the page gives health advice, it says when to seek care and gives no reason to wait.",
        "Nobody should postpone seeing a healthcare provider because of this page.",
        True,
    ),
    (
        "editorial",
        "It is written in plain language.",
        "Short sentences, terms explained, and no word that makes a person their illness.",
        True,
    ),
    (
        "editorial",
        "Headings, links and descriptions of pictures make sense on their own.",
        "They are what somebody hears who jumps through the page with a screen reader.",
        False,
    ),
    (
        "clinical",
        "The advice agrees with current guidelines and evidence.",
        "Look for a newer guideline or review than those that the page cites.",
        True,
    ),
    (
        "clinical",
        "Doses, durations, places and figures are right.",
        "Compare each with its source, not with memory.",
        True,
    ),
    (
        "clinical",
        "Risks, side effects and who should not do this are named.",
        "Think of pregnancy, children, older people, implants and medicines.",
        True,
    ),
    (
        "clinical",
        "It says when to seek care, and what is an emergency.",
        "The signs come before the advice when a symptom can be an emergency.",
        True,
    ),
)


def fill(apps, schema_editor):
    ChecklistPoint = apps.get_model("workflow", "ChecklistPoint")
    for position, (stage, text, explanation, is_required) in enumerate(POINTS, start=1):
        ChecklistPoint.objects.create(
            stage=stage, text=text, explanation=explanation, is_required=is_required, position=position * 10
        )
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    content_type, _ = ContentType.objects.get_or_create(app_label="workflow", model="checklistpoint")
    for verb in ("add", "change", "delete", "view"):
        permission, _ = Permission.objects.get_or_create(
            content_type=content_type,
            codename=f"{verb}_checklistpoint",
            defaults={"name": f"Can {verb} point of a review checklist"},
        )
        for group in apps.get_model("auth", "Group").objects.filter(name="Administrator"):
            group.permissions.add(permission)


def empty(apps, schema_editor):
    apps.get_model("workflow", "ChecklistPoint").objects.filter(text__in=[text for _, text, _, _ in POINTS]).delete()
    for permission in apps.get_model("auth", "Permission").objects.filter(codename__endswith="_checklistpoint"):
        permission.group_set.clear()


class Migration(migrations.Migration):
    dependencies = [("workflow", "0011_checklist_points")]

    operations = [migrations.RunPython(fill, empty)]
