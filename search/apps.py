"""Search over public documents only."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Search over public documents only."""

    name = "search"
    verbose_name = "Search"
