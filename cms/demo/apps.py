"""The demo clinic."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo clinic."""

    name = "cms.demo"
    label = "demo"
    verbose_name = "Demo"
