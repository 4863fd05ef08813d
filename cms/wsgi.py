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


application = get_wsgi_application()
application.request_class = Utf8Request
