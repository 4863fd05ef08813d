"""Whether this process lives (``/healthz``), and whether it can serve (``/readyz``).

Readiness asks the database, whether its tables are those of this code, and whether the ledger is whole at its end. The
worker's heartbeat is advice: readers are served without it, because time windows are judged when something is read. So is
the engine of search, where there is one.
"""

from collections.abc import Callable
from typing import TypedDict

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cms.publishing.models import Clock, Entry, Heartbeat
from search.cluster import EngineUnavailable
from search.engine import engine_in_force
from search.models import EngineChange

# A worker that has said nothing for so long is called late. Unit: seconds.
LATE_AFTER_SECONDS = 60
_is_migrated = False


class Check(TypedDict):
    """What one check found. Only ``is_required`` ones decide whether the process is ready."""

    ok: bool
    is_required: bool
    detail: str


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return _answer({"status": "ok"}, 200)


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether requests can be served: 200 when every required check passes, else 503."""
    checks = {name: _checked(check) for name, check in _CHECKS.items()}
    is_ready = all(check["ok"] for check in checks.values() if check["is_required"])
    return _answer({"status": "ok" if is_ready else "failing", "checks": checks}, 200 if is_ready else 503)


def _checked(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except DatabaseError as error:
        # The class says enough: the message may hold addresses and names.
        return {"ok": False, "is_required": True, "detail": type(error).__name__}


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {"ok": True, "is_required": True, "detail": connection.vendor}


def _migrations() -> Check:
    """Asked of the files once: tables do not go back while a process runs."""
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return {"ok": False, "is_required": True, "detail": f"{len(missing)} not applied"}
        _is_migrated = True
    return {"ok": True, "is_required": True, "detail": "all applied"}


def _ledger() -> Check:
    clock = Clock.objects.values_list("position", flat=True).filter(pk=1).first() or 0
    newest = Entry.objects.order_by("-position").values_list("position", flat=True).first() or 0
    # In this order a publication between the two queries makes the newest entry the greater one, never the smaller.
    detail = f"position {newest}" if newest >= clock else f"the clock says {clock}, the newest entry is {newest}"
    return {"ok": newest >= clock, "is_required": True, "detail": detail}


def _worker() -> Check:
    heard_at = Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()
    if heard_at is None:
        return {"ok": False, "is_required": False, "detail": "no worker has reported yet"}
    age_seconds = max(0, round((timezone.now() - heard_at).total_seconds()))
    return {"ok": age_seconds <= LATE_AFTER_SECONDS, "is_required": False, "detail": f"heard {age_seconds} s ago"}


def _search() -> Check:
    """Advice: only searches need the lists of words, and everything else is served without them."""
    try:
        engine = engine_in_force()
        if engine is None:
            return {"ok": True, "is_required": False, "detail": "in the database"}
        waiting = EngineChange.objects.count()
        return {"ok": True, "is_required": False, "detail": f"{engine.count()} documents, {waiting} changes waiting"}
    except EngineUnavailable as error:
        return {"ok": False, "is_required": False, "detail": str(error)}


_CHECKS = {"database": _database, "migrations": _migrations, "ledger": _ledger, "worker": _worker, "search": _search}


def _answer(content: dict[str, object], status: int) -> HttpResponse:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status == 503 else {})
    return JsonResponse(content, status=status, headers=headers)
