"""A workflow whose stages run side by side, for a clinic to choose: it counts where it is assigned to pages, and nowhere else."""

from django.db import migrations

NAME = "Editorial and clinical review, in any order"


def make(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    content_type, _ = ContentType.objects.get_or_create(app_label="workflow", model="reviewtask")
    task = apps.get_model("workflow", "ReviewTask").objects.create(
        name=NAME, stage="editorial+clinical", content_type=content_type, active=True
    )
    workflow = apps.get_model("wagtailcore", "Workflow").objects.create(name=NAME, active=True)
    apps.get_model("wagtailcore", "WorkflowTask").objects.create(workflow=workflow, task=task.task_ptr, sort_order=0)


def remove(apps, schema_editor):
    apps.get_model("wagtailcore", "Workflow").objects.filter(name=NAME).delete()
    apps.get_model("wagtailcore", "Task").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0016_stages_in_any_order"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [migrations.RunPython(make, remove)]
