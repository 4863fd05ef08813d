"""Articles and topics."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    """Articles and topics."""

    name = "articles"
    verbose_name = "Articles"
