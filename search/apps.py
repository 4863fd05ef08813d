"""Search over public documents only."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    """Search over public documents only."""

    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        """Follow the ledger, and fill the index where it is new."""
        from wagtail import hooks

        from cms.publishing import ledger
        from search import indexing

        hooks.register(ledger.HEAD_WRITTEN, indexing.index_head)
        hooks.register(ledger.HEAD_WITHDRAWN, indexing.forget_document)
        hooks.register(ledger.HEADS_CLEARED, indexing.clear)
        post_migrate.connect(_fill_new_index, sender=self, dispatch_uid="search_index_filled")


def _fill_new_index(**_signal: Any) -> None:
    """After the migration that made the index: put in what is public already."""
    from search import indexing

    indexing.fill_if_new()
