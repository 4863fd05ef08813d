"""Wagtail's index of references ("used in"), brought up once in a transaction and not after every row.

Wagtail reads a page with all its relations anew whenever the page or one of its child rows is saved, which publishing does for
every row: a third of what a publication cost. Here the rows that were saved are only noted, and each page is looked at once,
just before the commit. Outside of a transaction it is looked at at once, as Wagtail does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from modelcluster.fields import ParentalKey
from wagtail import signal_handlers
from wagtail.models import Page, ReferenceIndex

TASK = "update_reference_index_task"
_NOTED = "attest_referring"
# A model and the primary key of one of its rows, as Wagtail's task is given them.
_Row = tuple[type[models.Model], Any]


class _NotedInTransactions:
    """Stands where Wagtail's task stood: the signal handler enqueues it with the row that was saved."""

    def __init__(self, task: Any) -> None:
        self.task = task

    def enqueue(self, app_label: str, model_name: str, pk: str) -> None:
        connection = transaction.get_connection()
        if connection.in_atomic_block:
            connection.__dict__.setdefault(_NOTED, {})[(apps.get_model(app_label, model_name), pk)] = None
        else:
            self.task.enqueue(app_label, model_name, pk)


def install() -> None:
    """Note rows from now on. Called once, when the application starts; installing twice changes nothing."""
    task = getattr(signal_handlers, TASK, None)
    if task is not None and not isinstance(task, _NotedInTransactions):
        signal_handlers.update_reference_index_task = _NotedInTransactions(task)


def flush(connection: BaseDatabaseWrapper, gathered: Mapping[int, Page]) -> None:
    """Bring the index up to what the transaction on ``connection`` saved; what it deleted again is in the index no more.

    ``gathered`` are pages by primary key that were read with all their relations after everything was saved.
    """
    noted = list(connection.__dict__.pop(_NOTED, ()))
    if not noted:
        return
    indexed = {row for row in _owners(noted) if ReferenceIndex.is_indexed(row[0])}
    with transaction.atomic(using=connection.alias):
        for model, pk in sorted(_most_specific(indexed), key=lambda row: (row[0]._meta.label, str(row[1]))):
            page = gathered.get(pk) if issubclass(model, Page) else None
            owner = page if type(page) is model else model._default_manager.filter(pk=pk).first()
            if owner is not None:
                ReferenceIndex.create_or_update_for_object(owner)


def forget(connection: BaseDatabaseWrapper) -> None:
    """Drop what was noted: the transaction was abandoned."""
    connection.__dict__.pop(_NOTED, None)


def _owners(rows: list[_Row]) -> Iterator[_Row]:
    """What each of ``rows`` belongs to: the page of a child row, which has the references; else the row itself."""
    by_model: dict[type[models.Model], set[Any]] = {}
    for model, pk in rows:
        by_model.setdefault(model, set()).add(model._meta.pk.to_python(pk))
    for model, keys in by_model.items():
        parental = next((field for field in model._meta.get_fields() if isinstance(field, ParentalKey)), None)
        if parental is None:
            yield from ((model, key) for key in keys)
        else:
            owners = model._default_manager.filter(pk__in=keys).exclude(**{parental.attname: None})
            belonging = [(parental.related_model, key) for key in set(owners.values_list(parental.attname, flat=True))]
            yield from _owners(belonging) if belonging else ()


def _most_specific(rows: set[_Row]) -> set[_Row]:
    """``rows`` without those that stand there as a row of a parent's table, too: the child's references are all."""
    return {
        (model, pk)
        for model, pk in rows
        if not any(other is not model and issubclass(other, model) and key == pk for other, key in rows)
    }
