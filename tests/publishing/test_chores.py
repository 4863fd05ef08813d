"""Chores are done in their time, and a failing one troubles nobody."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command

from cms.publishing import chores

NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "_chores", {})


def test_a_chore_is_done_at_first_and_then_after_its_time():
    moments: list[datetime.datetime] = []
    chores.register("sweep", every=2 * MINUTE, do=moments.append)
    of_worker = chores.Round()

    done = [of_worker.do_due(NOON + number * MINUTE) for number in range(4)]

    assert done == [["sweep"], [], ["sweep"], []]
    assert moments == [NOON, NOON + 2 * MINUTE]


def test_a_failing_chore_waits_for_its_time_and_stops_no_other():
    calls: list[str] = []

    def fail(_now: Any) -> None:
        calls.append("fail")
        raise ValueError

    chores.register("fail", every=2 * MINUTE, do=fail)
    chores.register("sweep", every=MINUTE, do=lambda _now: calls.append("sweep"))
    of_worker = chores.Round()

    done = [of_worker.do_due(NOON), of_worker.do_due(NOON + MINUTE)]

    assert done == [["sweep"], ["sweep"]]
    assert calls == ["fail", "sweep", "sweep"]


def test_the_worker_does_the_chores(committed_clinic):
    calls: list[datetime.datetime] = []
    chores.register("sweep", every=MINUTE, do=calls.append)

    call_command("worker", once=True)

    assert len(calls) == 1
