"""Reminders: public pages whose review is overdue are told of, once for each time that they fall due.

The workflow knows who is told, but not what is public; so the question is asked here.
"""

import datetime

from django.db import transaction

from cms.publishing.models import Head
from cms.workflow import notifications

# How many pages one transaction tells of: on SQLite it holds the one lock for writing.
_BATCH = 100


def remind_overdue(now: datetime.datetime) -> int:
    """Tell owners and editors of every public page whose review was due before ``now``; how many pages were new."""
    due = Head.objects.filter(review_due__lt=now).order_by("review_due", "page_id")
    overdue = [(page_id, moment) for page_id, moment in due.values_list("page_id", "review_due") if moment]
    told = 0
    for start in range(0, len(overdue), _BATCH):
        with transaction.atomic():
            told += notifications.tell_overdue(overdue[start : start + _BATCH])
    return told
