"""Who may read: everybody while ``CONTENT_API_PUBLIC`` is on, holders of a key while it is off.

A key comes in the header ``Authorization`` and nowhere else: addresses are kept in logs and histories. Whatever is wrong with
a key, the answer is the one that no key at all would get, so that nothing is learned by trying. A wrong key is refused even
where none is needed: a program that sends one is broken, and should know.
"""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from cms.api import keys, rates, refused_keys
from cms.api.models import ApiKey, Refusal, Scope
from cms.api.problem_details import Problem

PRIVATE = "private, no-store"
_REALM = 'Bearer realm="content"'
# What lets a cache keep an answer or compare it with another: none of it is for an answer to a key.
_VALIDATORS = ("ETag", "Last-Modified", "Cache-Tag", "Surrogate-Key")
_UNSET = object()


def require_reader(request: HttpRequest) -> ApiKey | bool:
    """The key that ``request`` comes with, or ``True`` for none where none is needed.

    Raises ``Problem``: 401 for a wrong key, and for none where one is needed; 403 for a key that may not read.
    """
    if "Authorization" not in request.headers and settings.CONTENT_API_PUBLIC:
        return True
    if settings.CONTENT_API_PUBLIC:
        return _require_key(request)
    return require_scope(request, Scope.CONTENT_READ)


def require_scope(request: HttpRequest, scope: str) -> ApiKey:
    """The key that ``request`` comes with; raises ``Problem`` 401 without a working key, 403 without ``scope``."""
    key = _require_key(request)
    if scope not in key.scopes:
        refused_keys.note(key, Refusal.SCOPE)
        refused = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
        raise Problem(403, f"This needs a key with the scope {scope}.", headers={"WWW-Authenticate": refused})
    return key


def key_of(request: HttpRequest) -> ApiKey | None:
    """The working key that ``request`` comes with, looked up once; ``None`` for a wrong one and for none."""
    found = getattr(request, "_api_key", _UNSET)
    if found is _UNSET:
        found = _judged(request)
        request._api_key = found  # type: ignore[attr-defined]  # kept with the request that it belongs to
    return found  # type: ignore[return-value]  # never _UNSET here


def forget_validators(request: HttpRequest) -> None:
    """A request with a key is answered in full: what it holds already came from an answer that nobody keeps."""
    if "Authorization" in request.headers:
        request.META.pop("HTTP_IF_NONE_MATCH", None)
        request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
        # Headers are read from there once, which has just happened.
        vars(request).pop("headers", None)


def keep_private(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep ``response`` out of every cache when its request came with a key, whether that key was needed or not.

    An answer that says ``no-store`` by itself keeps its headers: a draft's own ``ETag`` is for who edits it.
    """
    has_key = "Authorization" in request.headers
    if has_key or not settings.CONTENT_API_PUBLIC:
        patch_vary_headers(response, ["Authorization"])
    if has_key and "no-store" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = PRIVATE
        for name in _VALIDATORS:
            response.headers.pop(name, None)


def _judged(request: HttpRequest) -> ApiKey | None:
    """The working key in the header ``Authorization``; whatever else stands there leaves its trace."""
    kind, _space, text = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return None
    key, refusal = keys.presented(text.strip()) if kind.lower() == "bearer" else keys.Presented(None, None)
    if key is None:
        refused_keys.note_unknown(rates.client_address(*_came_from(request)))
    elif refusal is not None:
        refused_keys.note(key, refusal)
        return None
    else:
        keys.note_use(key)
    return key


def _came_from(request: HttpRequest) -> tuple[str, str]:
    return request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")


def _require_key(request: HttpRequest) -> ApiKey:
    key = key_of(request)
    if key is None:
        raise Problem(401, headers={"WWW-Authenticate": _REALM})
    return key
