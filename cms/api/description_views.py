"""The API's own description: for programs (``/openapi.json``) and for people (``/docs``).

The page for people is written from the same description, on the server: it needs no script and nothing from elsewhere.
"""

import json
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from cms.api.conditional import Answer, respond
from cms.api.description import described
from cms.api.handbook import chapters, shapes

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"


@csrf_exempt
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description as OpenAPI 3.1."""
    return respond(request, Answer(_description(), tags=("description",)))


@csrf_exempt
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description as a page to read."""
    context = {"description": described(), "chapters": chapters(described()), "shapes": shapes(described())}
    page = render_to_string("api/docs.html", context)
    response = respond(request, Answer(page, tags=("description",), content_type="text/html; charset=utf-8"))
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@lru_cache(maxsize=1)
def _description() -> str:
    return json.dumps(described(), ensure_ascii=False, indent=1)
