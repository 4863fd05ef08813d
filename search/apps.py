"""Search over public documents only."""

import datetime
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    """Search over public documents only."""

    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        """Follow the ledger, fill the index where it is new, and give the worker what has to be done at a time."""
        from wagtail import hooks

        from cms.publishing import chores, ledger
        from search import cluster, indexing, misses, storing, vocabulary

        # A setting that cannot be used is told at the start.
        cluster.cluster()
        hooks.register(ledger.HEAD_WRITTEN, indexing.index_head)
        hooks.register(ledger.HEAD_WITHDRAWN, indexing.forget_document)
        hooks.register(ledger.HEADS_TOGETHER, indexing.indexing_together)
        hooks.register(ledger.HEADS_CLEARED, indexing.clear)
        post_migrate.connect(_fill_new_index, sender=self, dispatch_uid="search_index_filled")
        chores.register("promoted results", every=datetime.timedelta(minutes=1), do=vocabulary.mark_running)
        chores.register("engine of search", every=datetime.timedelta(seconds=1), do=storing.keep_up)
        chores.register("counts of searches", every=datetime.timedelta(hours=6), do=misses.prune)


def _fill_new_index(**_signal: Any) -> None:
    """After the migration that made the index: put in what is public already."""
    from search import indexing

    indexing.fill_if_new()
