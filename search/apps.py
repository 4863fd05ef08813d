"""Search over public documents only."""

import datetime

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Search over public documents only."""

    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        """Give the worker what has to be done at a time."""
        from cms.publishing import chores
        from search import misses, vocabulary

        chores.register("promoted results", every=datetime.timedelta(minutes=1), do=vocabulary.mark_running)
        chores.register("counts of searches", every=datetime.timedelta(hours=6), do=misses.prune)
