"""The WSGI application that Granian serves; production settings unless the environment names others."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.production")


class Utf8Request(WSGIRequest):
    """A request whose text is UTF-8, whatever charset its Content-Type claims.

    Django decodes by the claim while it builds the request, before any middleware: one header that names ``hex`` or
    ``punycode`` would be a server error at every address.
    """

    @property
    def encoding(self) -> str | None:
        """``None``: the default, UTF-8."""
        return None

    @encoding.setter
    def encoding(self, claimed: str | None) -> None:
        pass


django_application = get_wsgi_application()
django_application.request_class = Utf8Request

# After Django is set up: what stands in front of it reads its settings.
from cms.api.front import Front  # noqa: E402 - as said above

application = Front(django_application)
