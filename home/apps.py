"""Home, plain pages, people, and the clinic's settings."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """Home, plain pages, people, and the clinic's settings."""

    name = "home"
    verbose_name = "Home"
