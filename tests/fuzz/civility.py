"""What every answer of the server has to be, whatever it was asked: short, of the contract, without a word of its insides.

Asked as a WSGI application, the way a server asks it: nothing of a test client stands between the bytes and the code.
"""

import gzip
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test.utils import override_settings
from django.utils.functional import cached_property

from cms.api.front import Front
from cms.wsgi import django_application

# How many requests the whole of ``make fuzz`` makes, about.
EXAMPLES = int(os.environ.get("EXAMPLES", "4000"))
MAX_ANSWER_BYTES = 7_000_000
# What an error of the code would show of itself. A search may give back words of the client: only errors are looked at.
_TRACES = (b"Traceback (most recent call last)", b'File "/', b"site-packages", b"django.db", b"DJANGO_SETTINGS_MODULE")
Application = Callable[..., Any]


@dataclass
class Answer:
    """What came back."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        """The content, as JSON."""
        return json.loads(self.content)

    @cached_property
    def media_type(self) -> str:
        """What the content is said to be."""
        return self.headers.get("Content-Type", "").partition(";")[0]


def applications() -> dict[str, Application]:
    """Django itself, and what stands in front of it in production, with its cache."""
    with override_settings(RESPONSE_CACHE_BYTES=1_000_000):
        return {"django": django_application, "front": Front(django_application)}


def ask(
    application: Application,
    path: bytes,
    query: bytes = b"",
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """The answer to one request: ``path`` as it is once unquoted, ``query`` as it is sent, ``headers`` by WSGI's names."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
        **(headers or {}),
    }
    began: list[Any] = []
    response = application(environ, lambda status, given, *rest: began.append((status, given)))
    try:
        content = b"".join(response)
    finally:
        getattr(response, "close", lambda: None)()
    status, given = began[-1]
    if content and dict(given).get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return Answer(int(status.split(" ")[0]), dict(given), content)


def assert_civil(answer: Answer, *, method: str = "GET") -> None:
    """Fail when ``answer`` is none that the contract allows."""
    assert answer.status_code < 500, answer.content[:2000]
    assert len(answer.content) < MAX_ANSWER_BYTES
    for name, value in answer.headers.items():
        assert not set("\r\n\0") & set(name + value), name
    if answer.status_code >= 400:
        assert not [trace for trace in _TRACES if trace in answer.content], answer.content[:2000]
    if method == "HEAD":
        assert answer.content == b""
    elif answer.status_code >= 400:
        assert answer.media_type == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    elif answer.content and answer.media_type == "application/json":
        answer.json()
