"""Requests that write are one transaction; a refusal of the gate is an answer, not an error.

Reads are left alone: on SQLite an atomic read would take the one write lock. The transaction ends inside this middleware,
so a refusal at the very end of it is answered here too, and everything the request wrote is undone.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from wagtail.log_actions import log

from cms.workflow.gate import GateBlocked

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


class AtomicWritesMiddleware:
    """Wraps the view of every writing request in a transaction and answers refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the work is done around the view."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, options: Any) -> HttpResponseBase | None:
        """Run the view of a writing request inside a transaction."""
        if request.method in _SAFE_METHODS:
            return None
        try:
            with transaction.atomic():
                return view(request, *args, **options)
        except GateBlocked as refusal:
            return _refused_by_gate(request, refusal)
        except (RestrictedError, ProtectedError) as refusal:
            objects = getattr(refusal, "restricted_objects", None) or getattr(refusal, "protected_objects", set())
            return _refused_by_use(request, objects)


def _refused_by_gate(request: HttpRequest, refusal: GateBlocked) -> HttpResponse:
    findings = [finding.as_json() for finding in refusal.decision.blocking]
    if refusal.page.pk:
        user = request.user if request.user.is_authenticated else None
        log(instance=refusal.page, action="attest.publication.refused", user=user, data={"findings": findings})
    sentences = [finding.message for finding in refusal.decision.blocking]
    return _answer(request, f"“{refusal.page.title}” was not published. {' '.join(sentences)}", findings)


def _refused_by_use(request: HttpRequest, objects: Any) -> HttpResponse:
    users = sorted({str(getattr(thing, "page", thing)) for thing in objects})[:5]
    message = (
        f"Not deleted: it is still used by {', '.join(users)}. Remove it there first; a page can also be unpublished, "
        "which hides it everywhere at once."
    )
    return _answer(request, message, [])


def _answer(request: HttpRequest, message: str, findings: list[dict[str, str | bool]]) -> HttpResponse:
    if "/api/" in request.path or "application/json" in request.headers.get("Accept", ""):
        body = {
            "type": "about:blank",
            "title": "Refused",
            "status": 409,
            "detail": message,
            "findings": findings,
            "success": False,
            "error_code": "refused",
            "error_message": message,
        }
        return JsonResponse(body, status=409, content_type="application/problem+json")
    messages.error(request, message)
    target = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("wagtailadmin_home")
    return redirect(target)
