"""Counting what people search: what is kept, what is not, and that no read is troubled by it."""

import datetime
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from search import misses
from search.models import SearchCount

TODAY = datetime.date(2026, 3, 4)


@pytest.fixture(autouse=True)
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting is on, without the thread: each test writes when it wants to."""
    settings.COUNT_SEARCHES = True
    monkeypatch.setattr(misses, "_start_writer", lambda: None)
    monkeypatch.setattr(misses, "_waiting", {})
    monkeypatch.setattr(timezone, "localdate", lambda *_now: TODAY)


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.get(is_default_site=True)


def count(text: str, *, times: int = 1, found: int = 0, site_id: Any = None, locale: str | None = None) -> None:
    for _time in range(times):
        misses.count_search(text, found=found, site_id=site_id, locale=locale)


def kept() -> list[tuple[Any, ...]]:
    rows = SearchCount.objects.order_by("phrase", "day", "site_id", "locale")
    return list(rows.values_list("phrase", "day", "searches", "without_result", "found"))


def test_spellings_of_one_phrase_are_counted_together(site: Site) -> None:
    count("Sore back")
    count("sore  BACK!", found=2)
    count("zebra")

    misses.write()

    assert kept() == [("sore back", TODAY, 2, 1, 2), ("zebra", TODAY, 1, 1, 0)]


def test_later_counts_are_added(site: Site) -> None:
    count("zebra", times=2)
    misses.write()
    count("zebra", found=7)
    misses.write()

    assert kept() == [("zebra", TODAY, 3, 2, 7)]


def test_sites_are_known_by_key_by_name_and_by_default(site: Site) -> None:
    other = Site.objects.create(hostname="other.example", root_page=site.root_page)
    for site_id in (None, site.pk, site.hostname, other.pk, "other.example", "unknown.example", 10**9):
        count("zebra", site_id=site_id)

    misses.write()

    rows = SearchCount.objects.order_by("site_id").values_list("site_id", "searches")
    assert list(rows) == sorted([(site.pk, 3), (other.pk, 2)])


def test_languages_that_clients_make_up_are_one(site: Site) -> None:
    for locale in (None, "en", "xx", "yy"):
        count("zebra", locale=locale)

    misses.write()

    rows = SearchCount.objects.order_by("locale").values_list("locale", "searches")
    assert list(rows) == [("", 3), ("en", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.org",
        "call 417-887-8075",
        "(417) 887 8075",
        "12345",
        "born 03/04/1980",
        "123-45-6789",
        "https://example.org/me",
        "www.example.org",
        "my back has hurt since last tuesday",
        "x" * 61,
        "",
        "?!",
        "-massage",
    ],
)
def test_what_may_name_a_person_is_not_kept(site: Site, text: str) -> None:
    count(text, times=10)

    misses.write()

    assert kept() == []


@pytest.mark.parametrize(
    ("text", "phrase"), [("G43.909", "g43909"), ("pain -massage", "pain"), ("covid 19", "covid 19")]
)
def test_codes_and_numbers_of_things_are_kept(text: str, phrase: str) -> None:
    assert misses.countable(text) == phrase


def test_no_column_could_say_who_searched() -> None:
    names = {field.name for field in SearchCount._meta.get_fields()}

    assert names == {"id", "phrase", "day", "site_id", "locale", "searches", "without_result", "found"}
    assert SearchCount._meta.get_field("day").get_internal_type() == "DateField"


def test_counting_asks_the_database_nothing(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        count("zebra", times=100)

    assert len(asked) == 0


def test_what_waits_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "MAX_WAITING", 2)

    for text in ("a", "b", "c", "a"):
        count(text)

    misses.write()
    assert kept() == [("a", TODAY, 2, 2, 0), ("b", TODAY, 1, 1, 0)]


def test_what_is_kept_of_a_day_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "MAX_A_DAY", 2)
    for text in ("a", "b", "c"):
        count(text)
    misses.write()

    for text in ("b", "d"):
        count(text)
    misses.write()

    assert [(row[0], row[2]) for row in kept()] == [("a", 1), ("b", 2)]


def test_nothing_is_counted_when_counting_is_off(site: Site, settings: Any) -> None:
    settings.COUNT_SEARCHES = False

    count("zebra")

    misses.write()
    assert kept() == []


def test_what_could_not_be_written_waits_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(taken: Any) -> None:
        # Somebody searches while the database is away.
        count("zebra", found=1)
        raise DatabaseError

    count("zebra")
    with monkeypatch.context() as broken:
        broken.setattr(misses, "_write", fail)
        with pytest.raises(DatabaseError):
            misses.write()
        misses._write_quietly()

    misses.write()
    assert [row[:4] for row in kept()] == [("zebra", TODAY, 3, 1)]


def test_searches_of_many_threads_are_all_counted(site: Site) -> None:
    threads = [threading.Thread(target=count, args=("zebra",), kwargs={"times": 500}) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    misses.write()

    assert kept() == [("zebra", TODAY, 2000, 2000, 0)]


def test_counts_are_forgotten_in_time(site: Site, settings: Any) -> None:
    settings.SEARCHES_SHOWN_FROM = 3
    ages = {"old": (181, 9), "kept": (180, 9), "rare": (31, 2), "rare but new": (30, 2), "shown": (31, 3)}
    for phrase, (days, searches) in ages.items():
        day = TODAY - datetime.timedelta(days=days)
        SearchCount.objects.create(
            phrase=phrase, day=day, site_id=site.pk, searches=searches, without_result=searches, found=0
        )

    forgotten = misses.prune(timezone.now())

    assert forgotten == 2
    assert [row[0] for row in kept()] == ["kept", "rare but new", "shown"]
