"""Liveness and readiness."""

import datetime
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from cms.api import health
from cms.publishing.models import Clock, Heartbeat
from tests.factories import Clinic


def test_a_living_process_asks_nobody(client: Client) -> None:
    for path in ("/healthz", "/healthz/"):
        response = client.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert response.headers["Cache-Control"] == "no-store"


def test_a_ready_process_says_what_it_checked(client: Client, clinic: Clinic) -> None:
    position = Clock.objects.get().position
    Heartbeat.objects.all().delete()

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {
            "database": {"ok": True, "is_required": True, "detail": connection.vendor},
            "migrations": {"ok": True, "is_required": True, "detail": "all applied"},
            "ledger": {"ok": True, "is_required": True, "detail": f"position {position}"},
            "worker": {"ok": False, "is_required": False, "detail": "no worker has reported yet"},
            "search": {"ok": True, "is_required": False, "detail": "in the database"},
        },
    }


@pytest.mark.parametrize(("age_seconds", "is_ok"), [(5, True), (600, False)])
def test_a_late_worker_is_advice(client: Client, clinic: Clinic, age_seconds: int, is_ok: bool) -> None:
    Heartbeat.objects.all().delete()
    Heartbeat.objects.create(name="worker", at=timezone.now() - datetime.timedelta(seconds=age_seconds))

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["checks"]["worker"]["ok"] is is_ok


def test_a_ledger_that_lost_its_end_is_not_ready(client: Client, clinic: Clinic) -> None:
    position = Clock.objects.get().position
    Clock.objects.update(position=position + 3)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    ledger = response.json()["checks"]["ledger"]
    assert ledger == {
        "ok": False,
        "is_required": True,
        "detail": f"the clock says {position + 3}, the newest entry is {position}",
    }


def test_a_missing_migration_is_not_ready(client: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_is_migrated", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *args: [("one", False)])

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["migrations"]["detail"] == "1 not applied"


def test_a_database_that_is_away_is_not_an_error(
    client: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise OperationalError("connection to secret-host refused")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        response = client.get("/readyz")

    assert response.status_code == 503
    assert "secret-host" not in response.content.decode()
    assert response.json()["checks"]["database"] == {"ok": False, "is_required": True, "detail": "OperationalError"}


def test_nothing_can_be_posted(client: Client, db: None) -> None:
    assert client.post("/healthz").status_code == 405
