"""People who work in Attest."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, their credentials, and the roles they hold."""

    name = "cms.accounts"
    label = "accounts"
    verbose_name = "People"
