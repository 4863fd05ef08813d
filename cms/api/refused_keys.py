"""The trace that a refused key leaves: on the key where one is known, in the server's log where none is.

An expired key in a forgotten script, a key without the scope it needs, somebody trying secrets: whoever keeps the keys finds
it in their list. A stranger can send any number of requests, so what they cost is bounded: at most one write a minute for each
key that there is, no row and no history for what is no key, and one line a minute in the log.
"""

import logging
import threading
from collections import Counter
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from cms.api.models import ApiKey, Refusal
from cms.api.waiting_for_nobody import without_waiting

logger = logging.getLogger("attest.access")

# How often a refusal of one key is written down, and how often one of no known key is logged. Unit: seconds.
_QUIET_SECONDS = 60
_lock = threading.Lock()
# Refusals that are counted and not yet written, by the prefix of a key that there is: as many as there are keys.
_unwritten: Counter[str] = Counter()


class _Unknown:
    """Refusals of what is no key, since the last line that told of them."""

    count = 0
    told_at: datetime | None = None


def note(key: ApiKey, refusal: Refusal) -> None:
    """Count that ``key``, as it was just read, was refused; written at most once a minute, and only if nobody has to wait.

    The count can fall short by what a process had not written when it ended, and never exceeds the truth.
    """
    now = timezone.now()
    since = now - timedelta(seconds=_QUIET_SECONDS)
    with _lock:
        _unwritten[key.prefix] += 1
        if key.last_refused_at is not None and key.last_refused_at > since:
            return
        count = _unwritten.pop(key.prefix)
    if not _write(key, refusal, count, now=now, since=since):
        with _lock:
            _unwritten[key.prefix] += count


def note_unknown(address: str) -> None:
    """Log that what came from ``address`` as a key is none; once a minute, with the number since the last line.

    Nothing of what was sent is logged: it may be the secret of another installation, with a letter missing.
    """
    now = timezone.now()
    with _lock:
        _Unknown.count += 1
        if _Unknown.told_at is not None and timedelta() <= now - _Unknown.told_at < timedelta(seconds=_QUIET_SECONDS):
            return
        count, _Unknown.count, _Unknown.told_at = _Unknown.count, 0, now
    logger.warning("Refused %d requests with a key that does not exist, the last one from %s", count, address or "?")


def _write(key: ApiKey, refusal: Refusal, count: int, *, now: datetime, since: datetime) -> bool:
    """Whether this was the one that wrote in this minute: other threads and processes may have read the same key."""
    is_due = Q(last_refused_at__isnull=True) | Q(last_refused_at__lte=since)
    try:
        with without_waiting(), transaction.atomic():
            return bool(
                ApiKey.objects.filter(is_due, pk=key.pk).update(
                    last_refused_at=now, last_refusal=refusal, refused_count=F("refused_count") + count
                )
            )
    except DatabaseError:
        return False
