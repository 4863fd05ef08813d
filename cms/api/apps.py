"""The content API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The content API."""

    name = "cms.api"
    label = "api"
    verbose_name = "Content API"
