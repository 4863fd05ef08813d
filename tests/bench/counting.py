"""Count the queries that each address takes: ``python -m tests.bench.counting``, requests as JSON in and counts out.

It asks the whole WSGI application of the settings that are in force, inside this process, a few times: the first answers of a
process look up what later ones know.
"""

import io
import json
import os
import sys
from typing import Any

import django

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django has to be set up first
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests.bench.client import ACCEPTED  # noqa: E402

WARM_UP = 3


def main() -> None:
    """Read pairs of path and ETag, write how many queries each takes."""
    application = application_in_force()
    counts = []
    for address, etag in json.load(sys.stdin):
        for _time in range(WARM_UP):
            ask(application, address, etag)
        with CaptureQueriesContext(connection) as queries:
            ask(application, address, etag)
        counts.append(len(queries))
    json.dump(counts, sys.stdout)


def application_in_force() -> Any:
    """The WSGI application of the settings that are in force."""
    if os.environ["DJANGO_SETTINGS_MODULE"] == "tests.bench.stock_settings":
        return get_wsgi_application()
    from cms.wsgi import application

    return application


def ask(application: Any, address: str, etag: str = "") -> None:
    """Ask for ``address`` as a client that takes gzip and may have an answer already, and read the answer to its end."""
    path, _mark, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_ACCEPT_ENCODING": ACCEPTED,
        "HTTP_HOST": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if etag:
        environ["HTTP_IF_NONE_MATCH"] = etag
    body = application(environ, lambda status, headers, error=None: None)
    for _part in body:
        pass
    if hasattr(body, "close"):
        body.close()


if __name__ == "__main__":
    main()
