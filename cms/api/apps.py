"""The content API."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The content API."""

    name = "cms.api"
    label = "api"
    verbose_name = "Content API"

    def ready(self) -> None:
        """Refuse to start with settings that no request could be answered under."""
        from cms.api.settings_checks import require_usable_settings

        require_usable_settings()
