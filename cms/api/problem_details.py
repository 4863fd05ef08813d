"""The one shape of every error: problem details (RFC 9457), and the exception that carries one out of a view.

What a problem says must not tell hidden from unknown: everything that is not public answers with the same sentence.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TypedDict

from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"
_DETAILS = {
    400: "The request could not be understood.",
    401: "This needs an API key, given as “Authorization: Bearer <key>”.",
    403: "The key that was given does not allow this.",
    404: "There is nothing public at this address.",
    405: "This address does not take the method that was used; the header Allow names those that it takes.",
    406: "The answer is JSON, which the header Accept of the request excludes.",
    410: "What was public here has been withdrawn.",
    413: "The request is too large.",
    414: "The address is too long.",
    422: "The request has parameters that cannot be used; “errors” names them.",
    429: "Too many requests; the header Retry-After says when to come back.",
    500: "Something went wrong on the server. It has been recorded.",
    503: "The server cannot answer just now.",
}


class ParameterError(TypedDict):
    """One unusable input: where it was (``["query", "limit"]``), and what would be right."""

    loc: list[str]
    msg: str


class Problem(Exception):
    """An error for the client: an HTTP status, a sentence, and for bad input what was wrong with each part."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Sequence[ParameterError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    def content(self) -> dict[str, object]:
        """The members of the problem, as RFC 9457 names them."""
        content: dict[str, object] = {
            "type": "about:blank",
            "title": _title_of(self.status),
            "status": self.status,
            "detail": self.detail or _DETAILS.get(self.status, _title_of(self.status)),
        }
        if self.errors:
            content["errors"] = self.errors
        return content

    def as_response(self) -> HttpResponse:
        """The problem as an answer that no cache keeps."""
        body = json.dumps(self.content(), ensure_ascii=False).encode()
        headers = {"Cache-Control": "no-store", "Content-Length": str(len(body)), **self.headers}
        return HttpResponse(body, status=self.status, content_type=MEDIA_TYPE, headers=headers)


def bad_parameter(name: str, message: str, *, source: str = "query") -> Problem:
    """The problem of one parameter that cannot be used; ``message`` names what is allowed."""
    return Problem(422, errors=[{"loc": [source, name], "msg": message}])


def _title_of(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
