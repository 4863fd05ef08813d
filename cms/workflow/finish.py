"""What happens when the last stage has approved: exactly what was approved is published, now or at its time.

Wagtail loads this module while its own models load, so everything else is imported when it is needed.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtail.models import WorkflowState


def publish_when_admitted(workflow_state: "WorkflowState", user: Any = None) -> None:
    """Publish the approved revision if the gate admits it; otherwise leave it approved, and log what stands against it.

    Whoever approves last need not hold the right to publish: the approvals together are that right.
    """
    from wagtail.actions.publish_page_revision import PublishPageRevisionAction
    from wagtail.log_actions import log

    from cms.workflow import gate, notifications

    revision = workflow_state.content_object.get_latest_revision()
    decision = gate.decide(revision.as_object())
    if not decision.is_admitted:
        log(
            instance=workflow_state.content_object,
            action="attest.publication.refused",
            user=user,
            data={"findings": [finding.as_json() for finding in decision.blocking]},
        )
        notifications.tell_refused(workflow_state.content_object, actor=user)
        return
    PublishPageRevisionAction(revision, user=user).execute(skip_permission_checks=True)
