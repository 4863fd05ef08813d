"""An OpenSearch or Elasticsearch cluster, spoken to in the few requests that both families answer alike.

No client library stands between: the one of each family refuses the servers of the other. Nothing here decides what is found.
"""

import json
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool

logger = logging.getLogger("attest.search")

# How long a reader waits for the cluster. Unit: seconds.
CONNECT_SECONDS, READ_SECONDS = 1.0, 2.0
# How long writing and making an index may take. Unit: seconds.
WRITE_SECONDS = 60.0
# After a failure nobody is made to wait for so long: threads that wait for a cluster cannot answer what needs none.
PAUSE_SECONDS = 5.0
_JSON, _LINES = "application/json", "application/x-ndjson"
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_FORM = "https://user:password@host:9200/prefix, where the prefix of index names begins with a small letter"


class EngineUnavailable(Exception):
    """The engine of search does not answer, or not with what was asked for; the sentence names no address and no secret."""


@dataclass
class Cluster:
    """A cluster at an address: requests to it, and whether it is given a rest after a failure.

    ``prefix`` is what names of indexes begin with, so that several sites may share a cluster.
    """

    scheme: str
    host: str
    port: int
    prefix: str
    credentials: str = field(default="", repr=False)
    ca_file: str = ""
    _rests_until: float = field(default=0.0, init=False, repr=False)
    _pool: "HTTPConnectionPool | None" = field(default=None, init=False, repr=False)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        lines: Iterable[Any] | None = None,
        seconds: float = READ_SECONDS,
        missing_ok: bool = False,
    ) -> Any:
        """What the cluster answers, read as JSON; ``body`` is sent as JSON, ``lines`` as one JSON value a line.

        ``None`` for a 404 that is ``missing_ok``. Raises ``EngineUnavailable`` for everything that is not a success.
        """
        if time.monotonic() < self._rests_until:
            raise EngineUnavailable("The engine of search failed a moment ago, and is not asked for some seconds.")
        content = _lines_of(lines) if lines is not None else json.dumps(body) if body is not None else None
        headers = {"Content-Type": _LINES if lines is not None else _JSON} if content is not None else {}
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        try:
            answer = self._connections().urlopen(
                method,
                path,
                body=content.encode() if content is not None else None,
                headers={**self._headers(), **headers},
                timeout=Timeout(connect=CONNECT_SECONDS, read=seconds),
            )
            found = json.loads(answer.data) if answer.data else {}
        except (HTTPError, ValueError) as error:
            raise self._failure(f"The engine of search does not answer: {type(error).__name__}.") from error
        if answer.status == 404 and missing_ok:
            return None
        if answer.status >= 400:
            raise self._failure(f"The engine of search refused a request ({answer.status}): {_reason_of(found)}")
        return found

    def _failure(self, sentence: str) -> EngineUnavailable:
        self._rests_until = time.monotonic() + PAUSE_SECONDS
        logger.error("%s It is asked again in %s s.", sentence, PAUSE_SECONDS)
        return EngineUnavailable(sentence)

    def wake(self) -> None:
        """Ask again at once, whatever failed before."""
        self._rests_until = 0.0

    def _connections(self) -> "HTTPConnectionPool":
        if self._pool is None:
            # Loaded here: it costs memory, and most sites need none of it.
            import urllib3

            # One more try, for a connection that the other side has closed in the meantime.
            retries = urllib3.Retry(total=1, redirect=0, status=0, allowed_methods=None)
            secured: Any = {"ca_certs": self.ca_file} if self.ca_file and self.scheme == "https" else {}
            pool = urllib3.HTTPSConnectionPool if self.scheme == "https" else urllib3.HTTPConnectionPool
            self._pool = pool(self.host, self.port, maxsize=10, retries=retries, **secured)
        return self._pool

    def _headers(self) -> dict[str, str]:
        if not self.credentials:
            return {}
        import urllib3

        return urllib3.make_headers(basic_auth=self.credentials)


def cluster() -> Cluster | None:
    """The cluster that the settings name; ``None`` where they name none. Raises ``ImproperlyConfigured``."""
    return (
        _cluster_at(settings.SEARCH_ENGINE_URL, settings.SEARCH_ENGINE_CA_FILE) if settings.SEARCH_ENGINE_URL else None
    )


@lru_cache(maxsize=4)
def _cluster_at(url: str, ca_file: str) -> Cluster:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 9200)
    except ValueError as error:
        raise ImproperlyConfigured(f"SEARCH_ENGINE_URL cannot be used ({error}). It takes {_FORM}.") from None
    prefix = parts.path.strip("/") or "attest"
    is_whole = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if not is_whole or not _PREFIX.fullmatch(prefix):
        # What was given may hold a password, so it is not repeated.
        raise ImproperlyConfigured(f"SEARCH_ENGINE_URL cannot be used. It takes {_FORM}.")
    if ca_file and not Path(ca_file).is_file():
        raise ImproperlyConfigured(f"SEARCH_ENGINE_CA_FILE={ca_file!r} is no file.")
    user, password = (unquote(part) if part else "" for part in (parts.username, parts.password))
    credentials = f"{user}:{password}" if user else ""
    return Cluster(parts.scheme, str(parts.hostname), port, prefix, credentials, ca_file)


def _lines_of(values: Iterable[Any]) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def _reason_of(answer: Any) -> str:
    error = answer.get("error") if isinstance(answer, dict) else None
    reason = error.get("reason") or error.get("type") if isinstance(error, dict) else error
    return str(reason or "no reason given")[:200]
