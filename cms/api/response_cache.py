"""Answers kept in the process, for exactly as long as nothing public changes.

Everything here belongs to one version of the ledger. When the version moves on, or a page expires by itself, all of it is
dropped at once: there is no other way for an answer to get old, and nothing has to say which answers a change concerns.
"""

import datetime
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from cms.publishing import clock

# What one answer costs beside its bytes: the key, the headers, the entry in the table. Unit: bytes, a rough upper bound.
_OVERHEAD_BYTES = 2_000


@dataclass(frozen=True)
class Stored:
    """A successful answer as it goes out: status line, headers in their order, body, and the validator."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str


class ResponseCache:
    """The most recently asked answers of one version, up to ``max_bytes`` of them."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        self._version: clock.Version | None = None
        self._valid_until: datetime.datetime | None = None
        self._kept: OrderedDict[Hashable, Stored] = OrderedDict()
        self._bytes = 0

    def get(self, version: clock.Version, now: datetime.datetime, key: Hashable) -> Stored | None:
        """What is kept under ``key`` for ``version``; ``None`` when there is nothing, or a page has expired since."""
        if version != self._version or (self._valid_until is not None and now >= self._valid_until):
            self._begin(version, now)
            return None
        with self._lock:
            stored = self._kept.get(key)
            if stored is not None:
                self._kept.move_to_end(key)
            return stored

    def put(self, version: clock.Version, now: datetime.datetime, key: Hashable, stored: Stored) -> None:
        """Keep ``stored``, which was made after ``version`` was read at ``now``, unless time has gone on meanwhile."""
        cost = len(stored.body) + _OVERHEAD_BYTES
        # One answer must not push out most of the others. A page of changes is the longest, about 2 MB.
        if cost > self.max_bytes // 3:
            return
        with self._lock:
            if version != self._version or (self._valid_until is not None and now >= self._valid_until):
                return
            before = self._kept.pop(key, None)
            self._kept[key] = stored
            self._bytes += cost - (len(before.body) + _OVERHEAD_BYTES if before else 0)
            while self._bytes > self.max_bytes:
                _key, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.body) + _OVERHEAD_BYTES

    def _begin(self, version: clock.Version, now: datetime.datetime) -> None:
        # Asked before the lock is taken: others need not wait for a query. A page that was published in between, with an
        # expiry of its own, has moved the version on, so what is kept for this one is dropped at the next request anyway.
        valid_until = clock.next_expiry(now)
        with self._lock:
            # A thread that read the version long ago must not turn it back.
            if self._version is None or self._version.epoch != version.epoch or self._version <= version:
                self._version, self._valid_until = version, valid_until
                self._kept.clear()
                self._bytes = 0
