"""Who has to approve what, and the gate that asks."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    """Stages, approvals, checks and the gate."""

    name = "cms.workflow"
    label = "workflow"
    verbose_name = "Review"
