"""The clinic's services and the conditions it treats."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """The clinic's services and the conditions it treats."""

    name = "services"
    verbose_name = "Services"
