"""Requests that write are one transaction; a refusal of the gate is an answer, not an error.

Before such a request reads anything, it takes the lock of the pages that its address names: what it then reads and decides
holds until it is done, and whoever saves at the same moment comes before it or after it. Where two requests each wait for
what the other has, the database ends one of them; that one is asked again from the start, unseen by whoever sent it.

Reads are left alone: on SQLite an atomic read would take the one write lock. The transaction ends inside this middleware,
so a refusal at the very end of it is answered here too, and everything the request wrote is undone.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.db.transaction import TransactionManagementError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from wagtail.log_actions import log

from cms.pages.locking import lock_pages, lock_tree
from cms.publishing import denied
from cms.workflow.gate import GateBlocked

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
# How often a request is asked again that the database ended in favour of another one.
_ATTEMPTS = 4
# Longer numbers are no keys, and too large for the database.
_MAX_DIGITS = 19
# PostgreSQL: serialization_failure, deadlock_detected.
_ENDED_FOR_ANOTHER = {"40001", "40P01"}
# Two pages were put in one place of the tree: the second finds the next place when it looks again.
_PLACES = {"wagtailcore_page_path_key"}
# Words in addresses that name pages, and the names of those that change the tree.
_PAGE_WORDS = ("page_id", "page_to_move_id", "parent_page_id", "destination_id")
_TREE_NAMES = {"move_confirm", "set_page_position", "copy", "delete", "convert_alias", "add"}
_TREE_ACTIONS = {"move", "copy", "delete", "create_alias", "copy_for_translation"}


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
        named = _named(request, options)
        started = timezone.now()
        try:
            response = _answered(request, lambda: view(request, *args, **options), named)
        except PermissionDenied:
            denied.note(request, named.pages, since=started)
            raise
        if denied.is_denied(request, response):
            denied.note(request, named.pages, since=started)
        return response


class _Named(NamedTuple):
    """What an address names: pages by primary key, and whether it changes where pages stand."""

    pages: frozenset[int] = frozenset()
    changes_tree: bool = False


def _answered(request: HttpRequest, ask: Callable[[], HttpResponseBase], named: _Named) -> HttpResponseBase:
    """What the view answers, in one transaction; asked again when the database ended it for another one."""
    said = len(_queued(request))
    for _attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                if named.changes_tree:
                    lock_tree()
                lock_pages(named.pages)
                return ask()
        except GateBlocked as refusal:
            return _refused_by_gate(request, refusal)
        except (RestrictedError, ProtectedError) as refusal:
            objects = getattr(refusal, "restricted_objects", None) or getattr(refusal, "protected_objects", set())
            return _refused_by_use(request, objects)
        except (OperationalError, IntegrityError, TransactionManagementError) as error:
            if not _gave_way(error):
                raise
        # As if it came only now: with its files unread, and nothing said.
        for _name, uploads in request.FILES.lists():
            for upload in uploads:
                upload.seek(0)
        del _queued(request)[said:]
    return _answer(request, "Not saved: others changed the same pages at this moment. Please send it again.", [])


def _named(request: HttpRequest, words: dict[str, Any]) -> _Named:
    """What the address of ``request`` names, in the admin."""
    match = request.resolver_match
    if match is None or not match.route.startswith("admin/"):
        return _Named()
    keys = {int(words[word]) for word in _PAGE_WORDS if word in words}
    changes_tree = match.url_name in _TREE_NAMES and match.namespaces == ["wagtailadmin_pages"]
    if match.namespaces == ["wagtailadmin_api", "pages"]:
        keys |= {int(words["pk"])} if "pk" in words else set()
        changes_tree = words.get("action_name") in _TREE_ACTIONS
    elif match.url_name == "wagtail_bulk_action" and words.get("model_name") == "page":
        keys |= {int(key) for key in request.GET.getlist("id") if key.isdecimal() and len(key) < _MAX_DIGITS}
        changes_tree = words.get("action") in _TREE_ACTIONS
    # Numbers beyond any key are no pages; a database would not even compare them.
    return _Named(frozenset(key for key in keys if key < 2**63), changes_tree)


def _gave_way(error: BaseException) -> bool:
    """Whether the database ended the transaction because of another one, so that it may succeed when it is tried again."""
    if isinstance(error, TransactionManagementError):
        # A task within the request met it and said nothing, and the next query was refused for it.
        error = error.__cause__ or error
    cause = error.__cause__
    place = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return getattr(cause, "pgcode", None) in _ENDED_FOR_ANOTHER or place in _PLACES


def _queued(request: HttpRequest) -> list[Any]:
    """What this request has said so far and nobody has read."""
    return getattr(messages.get_messages(request), "_queued_messages", [])


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
