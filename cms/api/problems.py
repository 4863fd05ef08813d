"""Every answer under ``/api/`` keeps the contract, errors above all: problem details, never HTML, never a trace.

This stands outside of sessions and everything else that thinks of people with browsers: whatever those answer to a request
for the API (an unknown host, a refused token, a crash) leaves here as a problem.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cms.api import access, cors, protocol, throttle
from cms.api.problem_details import MEDIA_TYPE, Problem

# Headers of a refusal that a client needs in order to do better.
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


class ProblemMiddleware:
    """Brings requests to the API into one form, and their answers into the shape of the contract."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to ``request``, by the contract where it is one for the API."""
        if not protocol.is_api_path(request.path_info):
            return self.get_response(request)
        is_head = request.method == "HEAD"
        limits: dict[str, str] = {}
        try:
            protocol.prepare(request)
            limits = throttle.count(request)
            access.forget_validators(request)
            response = _in_shape(request, self.get_response(request))
        except Problem as problem:
            response = problem.as_response()
        response.headers["X-Content-Type-Options"] = "nosniff"
        if response.status_code == 304:
            # Django counts the bytes of this answer, none; the header would mean those of the whole one.
            response.headers.pop("Content-Length", None)
        for name, value in limits.items():
            response.headers[name] = value
        access.keep_private(request, response)
        cors.add_headers(request, response)
        return protocol.without_body(response) if is_head else response


def _in_shape(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """``response``, or what has to be said instead of it."""
    if response.status_code == 405:
        if request.method == "OPTIONS":
            return protocol.answer_options(response)
        response.headers["Allow"] = protocol.allowed_methods(response)
    if response.status_code >= 400:
        if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        return Problem(response.status_code, headers=kept).as_response()
    if response.status_code == 200 and not protocol.acceptable(request, response):
        return Problem(406).as_response()
    return response
