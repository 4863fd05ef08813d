"""The two workflows: editorial review alone, and editorial review followed by clinical review."""

from django.db import migrations

STAGES = {"editorial": "Editorial review", "clinical": "Clinical review"}
WORKFLOWS = {
    "Editorial review": ("editorial",),
    "Editorial and clinical review": ("editorial", "clinical"),
}


def make_workflows(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    ReviewTask = apps.get_model("workflow", "ReviewTask")
    Workflow = apps.get_model("wagtailcore", "Workflow")
    WorkflowTask = apps.get_model("wagtailcore", "WorkflowTask")
    Task = apps.get_model("wagtailcore", "Task")
    Workflow.objects.all().delete()
    Task.objects.all().delete()
    content_type, _ = ContentType.objects.get_or_create(app_label="workflow", model="reviewtask")
    tasks = {}
    for stage, name in STAGES.items():
        tasks[stage] = ReviewTask.objects.create(name=name, stage=stage, content_type=content_type, active=True)
    for name, stages in WORKFLOWS.items():
        workflow = Workflow.objects.create(name=name, active=True)
        for order, stage in enumerate(stages):
            WorkflowTask.objects.create(workflow=workflow, task=tasks[stage].task_ptr, sort_order=order)


def remove_workflows(apps, schema_editor):
    apps.get_model("wagtailcore", "Workflow").objects.filter(name__in=WORKFLOWS).delete()
    apps.get_model("wagtailcore", "Task").objects.filter(name__in=STAGES.values()).delete()


class Migration(migrations.Migration):
    dependencies = [("workflow", "0003_roles")]

    operations = [migrations.RunPython(make_workflows, remove_workflows)]
