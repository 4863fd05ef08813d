"""Reviews that are late: who has one, or could take it, and who submitted the page are told once for each date that passes."""

import datetime

from django.db import transaction
from wagtail.models import TaskState, WorkflowState

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.workflow import approval, notifications
from cms.workflow.models import Assignment


def remind_overdue(now: datetime.datetime) -> int:
    """Tell of every review that waits and was due before ``now``; how many people were told who were not told before."""
    late = Assignment.objects.filter(
        due_at__lt=now,
        step__status=TaskState.STATUS_IN_PROGRESS,
        step__workflow_state__status=WorkflowState.STATUS_IN_PROGRESS,
    )
    told = 0
    for row in late.select_related("assigned_to", "step__workflow_state__requested_by").order_by("due_at", "pk"):
        page = row.step.workflow_state.content_object.specific
        stage = Stage(row.stage)
        if row.due_at and isinstance(page, PublicPage) and stage in approval.open_stages(row.step, page):
            with transaction.atomic():
                told += notifications.tell_due(row.step, stage=stage, due_at=row.due_at, assigned_to=row.assigned_to)
    return told
