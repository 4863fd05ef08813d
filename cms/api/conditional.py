"""Answers that caches can keep: a strong ETag over the very bytes, a time, tags to purge by, and 304 for who has them.

The ETag is right whatever changed. The time is honest too, which HTTP makes hard: a date has whole seconds, so two
publications in one second look alike. An answer is called unmodified by date only when a full second has passed since the
newest publication before the date that the client gives; until then it is simply sent again.
"""

import datetime
import hashlib
import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from cms.api import encoding
from cms.publishing import reading

# How long a shared cache may serve an answer, and then serve it once more while it asks again. Unit: seconds.
MAX_AGE_SECONDS = 60
CACHE_CONTROL = f"public, max-age={MAX_AGE_SECONDS}, stale-while-revalidate={MAX_AGE_SECONDS}"
# A publication is dated a moment before it is committed: so much later nobody can have seen the state before it.
_COMMIT_SECONDS = 1


@dataclass(frozen=True)
class Answer:
    """What a read found: the JSON, the documents in it, and when anything public last changed.

    ``tags`` name what else a purge may go by; ``modified_at`` is ``None`` where no time is known.
    """

    body: str | bytes
    document_ids: tuple[uuid.UUID | str, ...] = ()
    tags: tuple[str, ...] = ()
    modified_at: datetime.datetime | None = None
    content_type: str = "application/json"


@dataclass(frozen=True)
class Moved:
    """What a read found at another address: there the client has to ask."""

    address: str
    is_permanent: bool = True


def respond(request: HttpRequest, answer: Answer | Moved) -> HttpResponse:
    """``answer`` with its headers, 304 when the client has these very bytes, or 301 or 302 to where it is."""
    if isinstance(answer, Moved):
        headers = {"Location": iri_to_uri(answer.address), "Cache-Control": CACHE_CONTROL, "Content-Length": "0"}
        response = HttpResponse(status=301 if answer.is_permanent else 302, headers=headers)
        del response.headers["Content-Type"]
        return response
    # An answer to a key has one form, so that nothing secret shows in how well it can be compressed.
    has_forms = "Authorization" not in request.headers
    is_gzip = has_forms and encoding.prefers_gzip(request.headers.get("Accept-Encoding", ""))
    body, headers = written(answer, is_gzip=is_gzip, has_forms=has_forms)
    if _is_unmodified(request, headers["ETag"], answer.modified_at):
        response = HttpResponse(status=304, headers=headers)
        del response.headers["Content-Type"]
        return response
    body, body_headers = sent(body, headers)
    return HttpResponse(body, content_type=answer.content_type, headers=headers | body_headers)


def written(answer: Answer, *, is_gzip: bool, has_forms: bool = True) -> tuple[bytes, dict[str, str]]:
    """The bytes of ``answer``, not compressed yet, and the headers that caches need.

    ``is_gzip`` asks for the compressed form, whose validator is another; ``has_forms`` says whether there may be two.
    """
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": CACHE_CONTROL, **_tag_headers([*answer.document_ids, *answer.tags])}
    if answer.modified_at is not None:
        headers["Last-Modified"] = http_date(_last_modified(answer.modified_at))
    if has_forms and encoding.varies(body):
        headers["Vary"] = "Accept-Encoding"
        if is_gzip:
            headers["ETag"] = encoding.etag_of_gzip(etag)
    return body, headers


def sent(body: bytes, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The bytes that go out under ``headers`` (both as ``written`` gives them), and what is said of them."""
    if not headers["ETag"].endswith(encoding.GZIP_MARK):
        return body, {"Content-Length": str(len(body))}
    body = encoding.gzipped(body)
    return body, {"Content-Length": str(len(body)), "Content-Encoding": "gzip"}


def names(if_none_match: str, etag: str) -> bool:
    """Whether the header ``If-None-Match`` of a request names ``etag``, however weakly, or anything at all."""
    if if_none_match == etag:
        return True
    known = [tag.removeprefix("W/") for tag in parse_etags(if_none_match)]
    return "*" in known or etag in known


def _tag_headers(tags: Iterable[uuid.UUID | str]) -> dict[str, str]:
    names = list(dict.fromkeys(str(tag) for tag in tags))
    return {"Cache-Tag": ",".join(names), "Surrogate-Key": " ".join(names)} if names else {}


def _last_modified(moment: datetime.datetime) -> int:
    """The second after ``moment`` once that has passed for certain, else the second before it. Unit: Unix seconds."""
    after = math.ceil(moment.timestamp())
    return after if timezone.now().timestamp() >= after + _COMMIT_SECONDS else after - 1


def _is_unmodified(request: HttpRequest, etag: str, modified_at: datetime.datetime | None) -> bool:
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None:
        return names(if_none_match, etag)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    if since is None or modified_at is None or modified_at.timestamp() > since:
        return False
    try:
        moment = datetime.datetime.fromtimestamp(since, tz=datetime.UTC)
    except (OverflowError, ValueError, OSError):
        return False
    # A page past its expiry is gone before any entry says so.
    return not reading.expired_since(moment)
