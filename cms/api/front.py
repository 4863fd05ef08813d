"""In front of Django: public reads of the API by clients without a key, answered from what is kept, or quickly anew.

A request that ends here costs one query, for the version of the ledger, and no framework; an answer that is not kept is made
by ``quick_reads``, or by Django and kept. Everything else passes through untouched, and so does whatever goes wrong here.

What Django puts around an answer depends on the client, not on the document: hosts are checked, TLS is required, origins are
allowed, media types are compared. So the first request of each kind of client always goes through Django. The headers that
come back beside those of the answer itself are what Django puts around every answer for that kind of client.
"""

import datetime
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from cms.api import conditional, counted_searches, encoding, quick_reads, throttle
from cms.api.protocol import BASE
from cms.api.response_cache import ResponseCache, Stored
from cms.publishing import clock

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
# Longest answer that is kept. Unit: bytes.
MAX_KEPT_BYTES = 2_200_000
# Kinds of client that are known at a time; clients that make up hosts push out each other, and are slower.
MAX_KINDS = 256
# What a request is known by beside its address.
_KIND = ("HTTP_HOST", "SERVER_PORT", "wsgi.url_scheme", "HTTP_ACCEPT", "HTTP_ORIGIN", "HTTP_X_FORWARDED_PROTO")
# Requests with one of these are answered by Django: who has a key is somebody, and dates and ranges are rare.
_OUT = ("HTTP_AUTHORIZATION", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_X_HTTP_METHOD_OVERRIDE")
_OF_THE_ANSWER = {
    "etag",
    "cache-control",
    "cache-tag",
    "surrogate-key",
    "last-modified",
    "content-length",
    "content-type",
    "content-encoding",
    "vary",
}
# What answers may vary by besides what a kind of client is known by.
_VARY = {"Accept-Encoding", "Origin"}
# What an answer tells one client about itself: added when it goes out, never kept.
_OF_THE_CLIENT = {"ratelimit", "ratelimit-policy"}
_JSON = "application/json"


class Front:
    """A WSGI application around ``application``, which is Django."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.cache = ResponseCache(settings.RESPONSE_CACHE_BYTES)
        self.kinds: OrderedDict[tuple[Any, ...], tuple[tuple[str, str], ...]] = OrderedDict()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """The answer to one request."""
        if not _is_public_read(environ):
            return self.application(environ, start_response)
        ruling = throttle.count_anonymous(environ)
        if not ruling.is_admitted:
            return self.application(environ, start_response)
        kind = tuple([environ.get(name) for name in _KIND])
        is_gzip = encoding.prefers_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        try:
            stored = self._find(kind, environ, is_gzip=is_gzip)
        except DatabaseError:
            # Django meets the same trouble, and has words for it.
            stored = None
        if isinstance(stored, Stored):
            return _send(stored, [*stored.headers, *ruling.headers.items()], environ, start_response)
        return self._through(kind, environ, start_response, stored, is_gzip=is_gzip)

    def _find(
        self, kind: tuple[Any, ...], environ: dict[str, Any], *, is_gzip: bool
    ) -> Stored | tuple[clock.Version, datetime.datetime] | None:
        """The answer; or the moment for which Django's answer may be kept; ``None`` when nothing is kept."""
        # What Django does at the start of each request: a connection that broke or grew old is opened anew.
        connection.close_if_unusable_or_obsolete()
        address = (environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
        if not self.cache.max_bytes:
            return self._anew(kind, *address, is_gzip=False)
        now, version = timezone.now(), clock.read()
        stored = self.cache.get(version, now, (kind, is_gzip, address))
        if stored is not None:
            counted_searches.count_kept(*address, stored.body)
            return stored
        stored = self._anew(kind, *address, is_gzip=is_gzip)
        if stored is None:
            return version, now
        self.cache.put(version, now, (kind, is_gzip, address), stored)
        return stored

    def _anew(self, kind: tuple[Any, ...], path: str, query: str, *, is_gzip: bool) -> Stored | None:
        around = self.kinds.get(kind)
        answer = quick_reads.answer_of(path, query) if around is not None else None
        if answer is None or around is None:
            return None
        body, headers = conditional.written(answer, is_gzip=is_gzip)
        body, body_headers = conditional.sent(body, headers)
        headers |= {**body_headers, "Content-Type": answer.content_type}
        return Stored(tuple(_merged(headers, around)), body, headers["ETag"])

    def _through(
        self,
        kind: tuple[Any, ...],
        environ: dict[str, Any],
        start_response: StartResponse,
        moment: Stored | tuple[clock.Version, datetime.datetime] | None,
        *,
        is_gzip: bool,
    ) -> Iterable[bytes]:
        """Django's answer, kept when it is one that every client of this kind would get."""
        began: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            began.append((status, headers))
            return start_response(status, headers, *rest)

        address = (environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
        response = self.application(environ, begin)
        status, headers = began[-1] if began else ("", [])
        if not status.startswith("200") or environ["REQUEST_METHOD"] != "GET" or not _is_for_all(headers):
            return response
        headers = [header for header in headers if header[0].lower() not in _OF_THE_CLIENT]
        around = tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_ANSWER)
        if "Origin" in _varying(headers):
            around += (("Vary", "Origin"),)
        self._remember(kind, around, headers)
        content = getattr(response, "content", None)
        if content is not None and len(content) <= MAX_KEPT_BYTES and isinstance(moment, tuple):
            version, now = moment
            etag = next(value for name, value in headers if name.lower() == "etag")
            self.cache.put(version, now, (kind, is_gzip, address), Stored(tuple(headers), content, etag))
        return response

    def _remember(
        self, kind: tuple[Any, ...], around: tuple[tuple[str, str], ...], headers: list[tuple[str, str]]
    ) -> None:
        # Only from answers of the sort that are made here: a page of the documentation has a policy of its own.
        if ("Content-Type", _JSON) not in headers or kind in self.kinds:
            return
        self.kinds[kind] = around
        while len(self.kinds) > MAX_KINDS:
            self.kinds.popitem(last=False)


def _is_public_read(environ: dict[str, Any]) -> bool:
    is_read = environ["REQUEST_METHOD"] in {"GET", "HEAD"} and environ.get("PATH_INFO", "").startswith(f"{BASE}/")
    return is_read and settings.CONTENT_API_PUBLIC and not any(name in environ for name in _OUT)


def _is_for_all(headers: list[tuple[str, str]]) -> bool:
    names = {name.lower(): value for name, value in headers}
    is_public = names.get("cache-control", "").startswith("public") and "etag" in names and "set-cookie" not in names
    return is_public and _varying(headers) <= _VARY


def _varying(headers: list[tuple[str, str]]) -> set[str]:
    """What ``Vary`` names."""
    return {name.strip() for key, value in headers if key.lower() == "vary" for name in value.split(",")}


def _merged(own: dict[str, str], around: tuple[tuple[str, str], ...]) -> Iterable[tuple[str, str]]:
    """The headers of an answer and those around it; ``Vary`` may be in both."""
    if "Vary" in own and ("Vary", "Origin") in around:
        return [*(own | {"Vary": f"{own['Vary']}, Origin"}).items(), *(one for one in around if one[0] != "Vary")]
    return [*own.items(), *around]


def _send(
    stored: Stored, headers: list[tuple[str, str]], environ: dict[str, Any], start_response: StartResponse
) -> Iterable[bytes]:
    if_none_match = environ.get("HTTP_IF_NONE_MATCH")
    if if_none_match is not None and conditional.names(if_none_match, stored.etag):
        left_out = {"Content-Type", "Content-Length", "Content-Encoding"}
        start_response("304 Not Modified", [header for header in headers if header[0] not in left_out])
        return [b""]
    start_response("200 OK", headers)
    return [stored.body if environ["REQUEST_METHOD"] == "GET" else b""]
