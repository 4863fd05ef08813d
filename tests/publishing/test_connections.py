"""Connections to the database are closed when their thread ends, not whenever garbage is collected."""

import gc
import threading
import weakref
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler


class Watched:
    """Stands for the connection that a driver opens."""

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    """What was opened, in order."""
    driver = next(
        one for one in type(connections["default"]).__mro__ if one.__module__.startswith("django.db.backends.")
    )
    found: list[Watched] = []

    def opening(self: Any, conn_params: dict[str, Any]) -> Watched:
        found.append(Watched())
        return found[-1]

    monkeypatch.setattr(driver, "get_new_connection", opening)
    return found


def test_a_connection_is_closed_when_its_thread_ends(opened: list[Watched]) -> None:
    handler = ConnectionHandler({"default": settings.DATABASES["default"]})
    seen = []

    def work() -> None:
        handler["default"].get_new_connection({})
        seen.append(opened[0].is_closed)

    gc.disable()
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert (seen, [one.is_closed for one in opened]) == ([False], [True])
    finally:
        gc.enable()


def test_another_connection_in_the_same_thread_leaves_the_first_open(opened: list[Watched]) -> None:
    handler = ConnectionHandler({"default": settings.DATABASES["default"]})
    first = handler["default"]
    second = first.copy()
    first.get_new_connection({})
    second.get_new_connection({})
    assert [one.is_closed for one in opened] == [False, False]

    gone = weakref.ref(second)
    del second
    gc.collect()

    assert gone() is None
    assert [one.is_closed for one in opened] == [False, True]
