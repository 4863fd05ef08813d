"""What holds for every request to the API, whatever it asks for: sizes, encodings, slashes, methods, media types.

These rules come before any view, so that no view has to think of them: text that reaches a view is valid UTF-8 without null
bytes (PostgreSQL refuses those), and a path has one form, with or without a slash at its end.
"""

import re
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from cms.api.problem_details import Problem

# Where the API begins; what it links to of its own starts with this.
BASE = "/api/v1"
# Longest address, path and query together. Unit: bytes. Longer ones fail in many proxies and caches anyway.
MAX_ADDRESS_BYTES = 4096
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def is_api_path(path: str) -> bool:
    """Whether the API answers at ``path``."""
    return path == "/api" or path.startswith("/api/")


def prepare(request: HttpRequest) -> None:
    """Bring ``request`` into the one form that views see; raises ``Problem`` for what no view should see.

    The slash at the end of the path goes, and ``HEAD`` becomes ``GET``.
    """
    refuse_broken_text(request.META.get("PATH_INFO", ""), request.META.get("QUERY_STRING", ""))
    if request.path_info == "/api":
        request.path_info, request.path = "/api/", f"{request.path}/"
    elif request.path_info != "/api/" and request.path_info.endswith("/"):
        request.path_info, request.path = request.path_info[:-1], request.path.removesuffix("/")
    if request.method == "HEAD":
        request.method = "GET"


def refuse_broken_text(path: str, query: str) -> None:
    """Raise ``Problem`` for an address that is no text: too long, not UTF-8, badly escaped, with a null byte.

    Both parts as WSGI gives them: one character for each byte.
    """
    if len(path) + len(query) > MAX_ADDRESS_BYTES:
        raise Problem(414, f"The address is too long: at most {MAX_ADDRESS_BYTES} bytes.")
    try:
        raw = query.encode("latin-1")
        decoded = unquote_to_bytes(raw)
        decoded.decode()
        path.encode("latin-1").decode()
    except UnicodeError:
        raise Problem(400, "The address holds bytes that are not UTF-8.") from None
    if _BROKEN_ESCAPE.search(raw):
        raise Problem(400, "The query holds a percent sign without two hexadecimal digits after it.")
    if b"\0" in decoded or "\0" in path:
        raise Problem(400, "The address holds a null byte.")


def acceptable(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the client takes the media type of ``response``."""
    wanted = request.headers.get("Accept", "").strip()
    main_type, _slash, sub_type = response.headers.get("Content-Type", "").partition(";")[0].partition("/")
    if wanted in {"", "*/*"} or not main_type:
        return True
    # Not Django's own comparison: it takes “application/json; charset=utf-8” for something other than JSON.
    ranges = ((one.main_type, one.sub_type) for one in request.accepted_types)
    return any(main in {"*", main_type} and sub in {"*", sub_type} for main, sub in ranges)


def answer_options(response: HttpResponseBase) -> HttpResponse:
    """The answer to ``OPTIONS``, out of the refusal of that method: nothing but the methods that are taken."""
    answer = HttpResponse(status=204, headers={"Allow": allowed_methods(response), "Cache-Control": "no-store"})
    del answer.headers["Content-Type"]
    return answer


def allowed_methods(response: HttpResponseBase) -> str:
    """The header ``Allow`` of a refusal, with the methods that every address takes besides its own."""
    methods = {method.strip() for method in response.headers.get("Allow", "").split(",") if method.strip()}
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"}))


def without_body(response: HttpResponseBase) -> HttpResponseBase:
    """``response`` as ``HEAD`` gives it: the headers of the whole answer, and no body."""
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    return response
