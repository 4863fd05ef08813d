"""Who has to approve what, and the gate that asks."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    """Stages, approvals, checks and the gate."""

    name = "cms.workflow"
    label = "workflow"
    verbose_name = "Review"

    def ready(self) -> None:
        """Refuse to start with a setting of the checks that cannot be followed; listen to the workflow."""
        from cms.workflow import notifications
        from cms.workflow.checks import require_usable_setting

        require_usable_setting()
        notifications.connect()
