"""Which other sites' scripts may read the API: those that ``CONTENT_API_CORS_ORIGINS`` lists, letter by letter.

Never credentials, never a wildcard: a public answer is public for programs anyway, and what needs a key must not be
readable by a page that somebody happens to visit.
"""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

# How long a browser may remember the answer to a preflight. Unit: seconds.
PREFLIGHT_MAX_AGE_SECONDS = 600


def add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the page that asks read ``response``, when its origin is listed; without a list nothing varies by origin."""
    allowed: list[str] = settings.CONTENT_API_CORS_ORIGINS
    if not allowed:
        return
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if origin not in allowed:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "ETag, Cache-Tag, RateLimit, RateLimit-Policy, Retry-After"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, If-None-Match, If-Modified-Since"
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_MAX_AGE_SECONDS)
