"""Settings of the API that can be wrong in ways which only a request would show: asked when the process starts."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from limits.errors import ConfigurationError
from limits.storage import storage_from_string


def require_usable_settings() -> None:
    """Raise ``ImproperlyConfigured`` with the name and the value of the first setting that cannot be used."""
    template: str = settings.PREVIEW_URL_TEMPLATE
    if template and not (template.startswith(("http://", "https://")) and "{token}" in template):
        raise ImproperlyConfigured(
            f"PREVIEW_URL_TEMPLATE={template!r} is no address with {{token}} in it, such as "
            "https://front.example/preview?token={token}."
        )
    storage: str = settings.RATE_LIMIT_STORAGE
    try:
        storage_from_string(storage)
    except (ConfigurationError, ValueError) as error:
        shown = f"{storage.partition('://')[0]}://…"  # What follows may hold a password.
        reason = str(error).replace(storage, shown) if storage else "it is empty"
        raise ImproperlyConfigured(f"RATE_LIMIT_STORAGE={shown} cannot be used: {reason}") from None
