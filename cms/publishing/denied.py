"""Attempts by people who have no right to them: whatever Wagtail answers, the page's history says who tried what.

What our own rules refuse is noted where they refuse it, with its reasons. But most of the admin asks for permissions before
any rule of ours is reached, and then says no without a trace. So the two functions by which it says no are widened to leave a
mark on the request, and whoever ends the request (``requests``) writes the line, outside of what was undone.

Somebody without a login is no one who could be named: that is a line in the server's log, and none in the database, which a
stranger could otherwise fill.
"""

import datetime
import functools
import logging
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry

logger = logging.getLogger("attest.access")

ACTION = "attest.access.refused"
MODULE = "wagtail.admin.auth"
NAMES = ("permission_denied", "reject_request")


def missing_names() -> list[str]:
    """Names that Wagtail no longer has; empty on the version that requirements.txt pins."""
    return [f"{MODULE}.{name}" for name in NAMES if not callable(getattr(import_module(MODULE), name, None))]


def install() -> None:
    """Widen both functions, once."""
    module = import_module(MODULE)
    for name in NAMES:
        refuse = getattr(module, name, None)
        if refuse is not None and not hasattr(refuse, "is_widened"):
            setattr(module, name, _marking(refuse))


def is_denied(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether ``request`` was refused for want of a right, as far as that can be seen from outside."""
    return hasattr(request, "attest_denied") or response.status_code == 403


def note(request: HttpRequest, page_ids: Iterable[int], *, since: datetime.datetime) -> None:
    """Write into the histories of these pages that ``request`` was refused, unless a rule of ours has done so ``since``."""
    user, match = request.user, request.resolver_match
    view = match.view_name if match else ""
    if not user.is_authenticated:
        logger.warning("Somebody without a login was refused %s on pages %s", view, sorted(page_ids))
        return
    for page in Page.objects.filter(pk__in=set(page_ids)):
        told = PageLogEntry.objects.filter(
            page=page.pk, user=user.pk, timestamp__gte=since, action__endswith=".refused"
        )
        if not told.exists():
            action = str(match.kwargs.get("action_name") or match.kwargs.get("action") or "") if match else ""
            log(instance=page, action=ACTION, user=user, data={"address": view, "act": action})


def _marking(refuse: Any) -> Any:
    @functools.wraps(refuse)
    def widened(request: HttpRequest) -> Any:
        request.attest_denied = True  # type: ignore[attr-defined]
        return refuse(request)

    widened.is_widened = True  # type: ignore[attr-defined]
    return widened
