"""The API as a whole: what it consists of, what its errors look like, and its OpenAPI description.

The description is generated from the operations and their schemas. What the framework gets wrong is put right here: errors
have a media type of their own, and every answer has headers that caches and clients use.
"""

import json
import logging
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema

from cms.api import changes_views, clinic_views, content_views, feed_views, history_views, preview_views
from cms.api.access import require_reader
from cms.api.answer_schemas import ProblemDetails
from cms.api.examples import add_examples
from cms.api.precision import refine, refine_parameter
from cms.api.problem_details import MEDIA_TYPE, ParameterError, Problem
from cms.api.protocol import BASE
from search.cluster import EngineUnavailable

logger = logging.getLogger("attest.api")
_SCHEMAS = "#/components/schemas/"
# When a client may ask again after trouble that usually passes. Unit: seconds.
RETRY_AFTER_SECONDS = 5
SUMMARY = """\
Content of a clinic: articles, services, conditions, people and pages, as JSON.

Only what the publication ledger says is public is ever given: a page that is not public is absent everywhere. Lists give
*cards*; follow `next` to read on. Ask for less with `fields`, for more with `include=body`. Every answer has an `ETag`;
send it back as `If-None-Match` and get 304 while nothing has changed. Errors are problem details (RFC 9457)."""
_HEADERS = {
    "ETag": "A strong validator: SHA-256 of the answer.",
    "Last-Modified": "When anything public last changed; absent where no time is known.",
    "Cache-Control": "How long the answer may be kept.",
    "Location": "Where it is.",
    "RateLimit-Policy": "The limit that counts here: `q` requests in `w` seconds.",
    "RateLimit": "How many requests (`r`) are left, and in how many seconds (`t`) there are more.",
    "Cache-Tag": "The documents in the answer, separated by commas (`Surrogate-Key`: by spaces), to purge by.",
}
_SECURITY_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key that an administrator made, `attest_…`: for drafts, and for everything where reading is not public.",
}
_DESCRIPTIONS = {
    200: "What was asked for.",
    301: "It is at the address in `Location` now.",
    302: "It is at the address in `Location` for the time being.",
    400: "The address is not well-formed text.",
    304: "Nothing has changed since the answer that the client has.",
    401: "A key is needed, or the one that was given does not work.",
    403: "The key does not have the scope that this needs.",
    404: "Nothing public is here.",
    405: "The address does not take this method.",
    406: "The client does not take JSON.",
    409: "What is there has changed meanwhile.",
    410: "What was public here has been withdrawn; of a cursor, its history is not the present one.",
    413: "The request is too large.",
    414: "The address is longer than 4 KB.",
    422: "A parameter cannot be used; `errors` says which and why.",
    429: "Too many requests; `Retry-After` says in how many seconds to come back.",
    503: "The server cannot answer just now; `Retry-After` says when to come back.",
}


class ContentAPI(NinjaAPI):
    """The operations, with a description that tells the whole truth about them."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description; see the module."""
        described = super().get_openapi_schema(**options)
        shared: dict[str, Any] = {}
        parameters: dict[str, Any] = {}
        for operations in described["paths"].values():
            for operation in operations.values():
                media_type = operation.pop("x-media-type", None)
                for status, answer in operation["responses"].items():
                    if media_type and int(status) == 200:
                        answer["content"] = {media_type: next(iter(answer["content"].values()))}
                    operation["responses"][status] = _completed(int(status), answer, shared)
                operation["parameters"] = [_named(one, parameters) for one in operation["parameters"]]
        described["components"]["schemas"] |= _problem_schemas()
        described["components"]["responses"] = dict(sorted(shared.items()))
        described["components"]["parameters"] = dict(sorted(parameters.items()))
        described["components"]["securitySchemes"] = {"key": _SECURITY_SCHEME}
        described["security"] = [{}, {"key": []}]
        described["components"]["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
        }
        refine(described)
        add_examples(described)
        return described


def _completed(status: int, answer: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """``answer`` with its headers and media type; all but the successful ones are alike everywhere and kept once."""
    names = (
        ["Location", "Cache-Control"]
        if status in (301, 302)
        else ["ETag", "Last-Modified", "Cache-Control", "Cache-Tag", "RateLimit-Policy", "RateLimit"]
    )
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    described = {"description": _DESCRIPTIONS[status]}
    if status == 200:
        return {**described, "content": answer["content"], "headers": headers}
    name = f"Answer{status}" if status < 400 else f"Problem{status}"
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}{ProblemDetails.__name__}"}}}}
    content = problem if status >= 400 else {"headers": headers}
    shared[name] = {**described, **content}
    return {"$ref": f"#/components/responses/{name}"}


def _problem_schemas() -> dict[str, Any]:
    """The shape of every error, and what is inside of it, by name."""
    schema = ProblemDetails.model_json_schema(mode="serialization", ref_template=f"{_SCHEMAS}{{model}}")
    inside: dict[str, Any] = schema.pop("$defs")
    return {**inside, ProblemDetails.__name__: schema}


def _named(parameter: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """``parameter``, or where it is kept: most are the same for many operations."""
    _simplify(parameter)
    refine_parameter(parameter)
    name = parameter["name"]
    if parameters.setdefault(name, parameter) == parameter:
        return {"$ref": f"#/components/parameters/{name}"}
    return parameter


def _simplify(parameter: dict[str, Any]) -> None:
    """A parameter that may be left out is no null: there is no way to send one."""
    schema = parameter["schema"]
    choices = [choice for choice in schema.pop("anyOf", []) if choice.get("type") != "null"]
    if len(choices) == 1:
        schema |= choices[0]
    elif choices:
        schema["anyOf"] = choices
    for name in ("title", "description", "examples"):
        schema.pop(name, None)
    # Here an example is a value with a name of its own, in schemas it is a bare value.
    if examples := parameter.pop("examples", None):
        parameter["example"] = examples[0]


api = ContentAPI(
    title="Attest content API",
    version="1",
    description=SUMMARY,
    openapi_url=None,
    docs_url=None,
    urls_namespace="content",
    auth=require_reader,
)
api.add_router("", content_views.router)
api.add_router("", clinic_views.router)
api.add_router("", changes_views.router)
api.add_router("", feed_views.router)
api.add_router("", preview_views.router)
api.add_router("", history_views.router)
# Names as they are in answers: some are no names of Python. Now, because the addresses are bound to copies of the operations.
for _prefix, _router in api._routers:
    for _view in _router.path_operations.values():
        for _operation in _view.operations:
            _operation.by_alias = True


@api.exception_handler(Problem)
def problem(request: HttpRequest, raised: Problem) -> HttpResponse:
    """A problem is its own answer."""
    return raised.as_response()


@api.exception_handler(OperationalError)
def database_in_trouble(request: HttpRequest, raised: OperationalError) -> HttpResponse:
    """A database that is away, full or locked: said so that a client comes back, and recorded for the operator."""
    logger.error("The database did not answer %s", request.path, exc_info=raised)
    return Problem(503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}).as_response()


@api.exception_handler(EngineUnavailable)
def search_in_trouble(request: HttpRequest, raised: EngineUnavailable) -> HttpResponse:
    """An engine of search that is away: everything else is answered meanwhile."""
    logger.warning("%s was not answered: %s", request.path, raised)
    detail = "Search cannot answer just now; lists without “q”, and documents, can."
    return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}).as_response()


@api.exception_handler(ValidationError)
def unusable_parameters(request: HttpRequest, raised: ValidationError) -> HttpResponse:
    """Every parameter that cannot be used, with what would be right."""
    return Problem(422, errors=[_parameter_error(error) for error in raised.errors]).as_response()


def _parameter_error(error: dict[str, Any]) -> ParameterError:
    # The framework nests parameters in the argument that holds them: only where and which is said.
    source, *inside = (str(part) for part in error["loc"])
    name = [part for part in inside if part != "query"] or ["after"]
    return {"loc": [source, *name[:1]], "msg": str(error["msg"]).removeprefix("Value error, ")}


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """The OpenAPI description as JSON has it, made once: it changes with the code only."""
    description: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{BASE}/")))
    return description
