"""What people searched and did not find, counted without knowing anybody.

Kept are a phrase, a day, and numbers: no address, no session, no time of day. What may name a person is not kept at all, what
only one visitor may have typed is not shown, and what stays rare is forgotten soon. Counting is no part of a read: it adds to a
small table in the process, and a thread writes that down twice a minute, in one short transaction. Whatever goes wrong there
costs counts, never an answer.
"""

import atexit
import datetime
import logging
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from wagtail.models import Site

from search.phrases import phrase_of

logger = logging.getLogger("attest.search")

# How often counts are written down. Unit: seconds. What a process counted since then is lost when it is killed.
WRITE_EVERY_SECONDS = 30
# How many phrases wait in a process, and how many are kept for a day: whoever types nonsense must not fill memory or disk.
MAX_WAITING = 1000
MAX_A_DAY = 5000
# How long counts are kept, and how long phrases that too few people typed to be shown.
KEPT = datetime.timedelta(days=180)
RARE_KEPT = datetime.timedelta(days=30)
# The longest phrase that is kept. Longer ones are stories, and stories are about somebody.
MAX_LENGTH = 60
MAX_WORDS = 6
# Five digits in a row may be a number of a patient or a postal code; seven in all a telephone number or a date of birth.
_LONG_NUMBER = re.compile(r"\d{5}")
_MAX_DIGITS = 6
_ADDRESS = re.compile(r"@|://|www\.", re.IGNORECASE)


class SearchCount(models.Model):
    """How often a phrase was searched on one day, and how often nothing was found."""

    phrase = models.CharField(max_length=MAX_LENGTH)
    day = models.DateField()
    site_id = models.BigIntegerField()
    locale = models.CharField(max_length=20, blank=True)
    searches = models.PositiveIntegerField()
    without_result = models.PositiveIntegerField()
    # How many pages the latest search found.
    found = models.PositiveIntegerField()

    class Meta:
        default_permissions = ("view",)
        verbose_name = "search"
        verbose_name_plural = "searches"
        indexes = [models.Index(fields=["day"], name="search_count_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["phrase", "day", "site_id", "locale"], name="search_count_is_one_row")
        ]

    def __str__(self) -> str:
        return f"{self.phrase} on {self.day}: {self.searches}"


class _Key(NamedTuple):
    phrase: str
    day: datetime.date
    site: int | str | None
    locale: str


class _Counts(NamedTuple):
    searches: int
    without_result: int
    found: int


_lock = threading.Lock()
_waiting: dict[_Key, _Counts] = {}
_writer: threading.Thread | None = None


def count_search(text: str, *, found: int, site_id: int | str | None, locale: str | None) -> None:
    """Count that somebody searched for ``text`` and ``found`` so many pages; in memory, without a query.

    ``site_id`` is a site's primary key, its hostname, or ``None`` for the default site. Call it once for a search, not for each
    page of its results. Nothing is counted when ``COUNT_SEARCHES`` is off.
    """
    if not settings.COUNT_SEARCHES or not (phrase := countable(text)):
        return
    language = locale if locale and locale in dict(settings.WAGTAIL_CONTENT_LANGUAGES) else ""
    key = _Key(phrase, timezone.localdate(), site_id, language)
    with _lock:
        _add(key, _Counts(1, int(not found), found))
        _start_writer()


@lru_cache(maxsize=1024)
def countable(text: str) -> str:
    """``text`` as the phrase that is counted; empty when it may say something about a person, or is no phrase."""
    wanted = " ".join(word for word in text.split() if not word.startswith("-"))
    phrase = phrase_of(wanted)
    digits = sum(character.isdigit() for character in phrase)
    is_personal = digits > _MAX_DIGITS or _LONG_NUMBER.search(text) or _ADDRESS.search(text)
    if is_personal or len(wanted) > MAX_LENGTH or len(phrase.split()) > MAX_WORDS:
        return ""
    return phrase


def write() -> None:
    """Write down what waits. What cannot be written waits on."""
    global _waiting  # noqa: PLW0603 - one table for the process, replaced as a whole
    with _lock:
        taken, _waiting = _waiting, {}
    if not taken:
        return
    try:
        _write(taken)
    except Exception:
        with _lock:
            for key, counts in taken.items():
                _add(key, counts)
        raise


def prune(now: datetime.datetime) -> int:
    """Forget what is too old, and what stayed rare; how many rows that were."""
    today = timezone.localdate(now)
    old, _by_model = SearchCount.objects.filter(day__lt=today - KEPT).delete()
    totals = SearchCount.objects.values("phrase").annotate(total=models.Sum("searches"))
    rare = totals.filter(total__lt=settings.SEARCHES_SHOWN_FROM).values("phrase")
    forgotten, _by_model = SearchCount.objects.filter(day__lt=today - RARE_KEPT, phrase__in=rare).delete()
    return old + forgotten


def _add(key: _Key, counts: _Counts) -> None:
    before = _waiting.get(key)
    if before is None and len(_waiting) >= MAX_WAITING:
        return
    before = before or _Counts(0, 0, 0)
    _waiting[key] = _Counts(
        before.searches + counts.searches, before.without_result + counts.without_result, counts.found
    )


def _start_writer() -> None:
    # At the first search, not when the module is read: a process that was forked since then has no thread.
    global _writer  # noqa: PLW0603 - one thread for the process
    if _writer is not None and _writer.is_alive():
        return
    if _writer is None:
        atexit.register(_write_quietly)
    _writer = threading.Thread(target=_keep_writing, name="search-counts", daemon=True)
    _writer.start()


def _keep_writing() -> None:
    pause = threading.Event()
    while not pause.wait(WRITE_EVERY_SECONDS):
        _write_quietly()
        # The next time is far away for a connection.
        connection.close()


def _write_quietly() -> None:
    try:
        write()
    except Exception:
        logger.warning("Searches could not be counted; trying again in %s s", WRITE_EVERY_SECONDS, exc_info=True)


def _write(taken: Mapping[_Key, _Counts]) -> None:
    with transaction.atomic():
        rows = _rows_of(taken)
        for day in sorted({day for _phrase, day, _site, _locale in rows}):
            _write_day(day, {key: counts for key, counts in rows.items() if key[1] == day})


def _rows_of(
    taken: Mapping[_Key, _Counts],
) -> dict[tuple[str, datetime.date, int, str], _Counts]:
    """What was taken, by the primary keys of sites; what was searched on no site of ours is left out."""
    sites = list(Site.objects.values_list("pk", "hostname", "is_default_site"))
    ids: dict[int | str | None, int] = {pk: pk for pk, _hostname, _is_default in sites}
    ids |= {hostname: pk for pk, hostname, _is_default in reversed(sites)}
    ids[None] = next((pk for pk, _hostname, is_default in sites if is_default), 0)
    rows: dict[tuple[str, datetime.date, int, str], _Counts] = {}
    for key, counts in taken.items():
        if not ids.get(key.site):
            continue
        row = (key.phrase, key.day, ids[key.site], key.locale)
        before = rows.get(row, _Counts(0, 0, 0))
        rows[row] = _Counts(
            before.searches + counts.searches, before.without_result + counts.without_result, counts.found
        )
    return rows


def _write_day(day: datetime.date, rows: Mapping[tuple[str, datetime.date, int, str], _Counts]) -> None:
    of_day = SearchCount.objects.filter(day=day)
    phrases = {phrase for phrase, *_rest in rows}
    known = set(of_day.filter(phrase__in=phrases).values_list("phrase", "day", "site_id", "locale"))
    room = max(0, MAX_A_DAY - of_day.count())
    new = [key for key in rows if key not in known]
    written = sorted(rows.keys() - set(new[room:]))
    # In order, so that two processes wait for each other's rows in one direction only.
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO search_searchcount (phrase, day, site_id, locale, searches, without_result, found)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (phrase, day, site_id, locale) DO UPDATE
            SET searches = search_searchcount.searches + excluded.searches,
                without_result = search_searchcount.without_result + excluded.without_result,
                found = excluded.found
            """,
            [(*key, *rows[key]) for key in written],
        )
