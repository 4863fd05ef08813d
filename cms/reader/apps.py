"""Readers' pages, rendered from public documents."""

from django.apps import AppConfig


class ReaderConfig(AppConfig):
    """Readers' pages, rendered from public documents."""

    name = "cms.reader"
    label = "reader"
    verbose_name = "Reader"
