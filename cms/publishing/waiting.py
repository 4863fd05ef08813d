"""Waiting for the ledger to move, without keeping readers waiting.

Who waits holds a thread of the web process. So only ``CHANGES_WAITERS`` may wait in one process at once, and the server is
started with that many threads more than readers need. However many wait, the clock is read about ten times a second in each
process: the threads share what one of them read.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from cms.publishing.models import Clock

# How often the clock is looked at; a change is seen after at most two of these. Unit: seconds.
POLL_SECONDS = 0.1


class _Watch:
    """The newest position, as somebody in this process read it a moment ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._position: int | None = None

    def position(self) -> int | None:
        with self._lock:
            if time.monotonic() - self._read_at > POLL_SECONDS / 2:
                self._position = Clock.objects.filter(pk=1).values_list("position", flat=True).first()
                self._read_at = time.monotonic()
            return self._position


_watch = _Watch()
_lock = threading.Lock()
_waiting = 0


@contextmanager
def place() -> Iterator[bool]:
    """A place among those who may wait; ``False`` when all are taken, and then nobody has to wait for one."""
    global _waiting
    with _lock:
        is_free = _waiting < settings.CHANGES_WAITERS
        _waiting += is_free
    try:
        yield is_free
    finally:
        with _lock:
            _waiting -= is_free


def moves_from(position: int, *, until: float) -> bool:
    """Whether the ledger's position becomes another than ``position`` before the moment ``until``; waits to find out.

    ``until`` is a time of ``time.monotonic()``. No transaction and no cursor is open while it waits.
    """
    while (left := until - time.monotonic()) > 0:
        _pause(min(left, POLL_SECONDS))
        if _watch.position() != position:
            return True
    return False


def _pause(seconds: float) -> None:
    time.sleep(seconds)
