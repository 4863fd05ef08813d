"""A page of a list is what sorting and counting every head by hand gives, however it is found."""

import datetime
import itertools
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.publishing import lists, tallies
from cms.publishing.lists import Ordering, Selection, TieFilter
from cms.publishing.models import Head
from tests.factories import Clinic

NOW = timezone.now()
COLUMNS = ("published_at", "updated_at", "reviewed_at", "title")
ABOUT_INSOMNIA = TieFilter(("condition",), "condition", ("insomnia",))
SELECTIONS = {
    "everything": {},
    "one type": {"types": ("article",)},
    "some types": {"types": ("article", "condition", "person")},
    "one condition": {"types": ("article",), "ties": (ABOUT_INSOMNIA,)},
    "one condition, all types": {"ties": (ABOUT_INSOMNIA,)},
    "some conditions": {
        "types": ("article",),
        "ties": (TieFilter(("condition",), "condition", ("insomnia", "migraine")),),
    },
    "one author": {"types": ("article",), "ties": (TieFilter(("author",), "person", ("anton",)),)},
    "no such condition": {"types": ("article",), "ties": (TieFilter(("condition",), "condition", ("nothing",)),)},
    "a language": {"locale": "en", "types": ("article",)},
    "no such language": {"locale": "xx"},
    "no such site": {"site": "elsewhere.example"},
}


@pytest.fixture
def articles(clinic: Clinic) -> None:
    """Articles in pairs of the same time, some never reviewed, one past its expiry, one of each about another condition."""
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    head = Head.objects.get(page_id=clinic.article.pk)
    ties = list(head.relations.values())
    for number in range(9):
        time = start + datetime.timedelta(days=number // 2)
        head.pk, head.page_id, head.position = (
            uuid.uuid5(head.translation_key, str(number)),
            9000 + number,
            9000 + number,
        )
        head.published_at, head.updated_at, head.title = time, time, f"Title {number % 4}"
        head.reviewed_at = None if number % 3 == 0 else time
        head.expires_at = NOW - datetime.timedelta(seconds=1) if number == 4 else None
        head.slug, head.path = f"copy-{number}", f"/articles/copy-{number}/"
        head.save(force_insert=True)
        for tie in ties if number % 4 else ties[:1]:
            head.relations.create(**{**tie, "id": None, "source_id": head.pk, "source_published_at": time})
    tallies.recount()


def expected(selection: Selection, ordering: Ordering) -> list[uuid.UUID]:
    """What the list is, by its definition, in Python."""
    found = []
    for head in Head.objects.all():
        is_visible = head.expires_at is None or head.expires_at > NOW
        is_of_type = not selection.types or head.type in selection.types
        is_in_language = selection.locale in (None, head.locale)
        tied = all(
            head.relations.filter(
                kind__in=tie.kinds,
                target_id__in=Head.objects.filter(type=tie.page_type, slug__in=tie.slugs).values("document_id"),
            ).exists()
            for tie in selection.ties
        )
        if is_visible and is_of_type and is_in_language and tied and selection.site is None:
            found.append(head)
    empty = [head for head in found if getattr(head, ordering.column) is None]
    filled = [head for head in found if getattr(head, ordering.column) is not None]
    filled.sort(key=lambda head: (getattr(head, ordering.column), head.pk.hex), reverse=ordering.is_descending)
    empty.sort(key=lambda head: head.pk.hex, reverse=ordering.is_descending)
    return [head.pk for head in [*filled, *empty]]


CASES = list(itertools.product(SELECTIONS, COLUMNS, (True, False)))


@pytest.mark.parametrize(("name", "column", "is_descending"), CASES)
def test_pages_by_place_and_by_offset_are_the_list_in_order(
    articles: None, name: str, column: str, is_descending: bool
) -> None:
    selection, ordering = Selection(**SELECTIONS[name]), Ordering(column, is_descending)
    whole = expected(selection, ordering)

    by_place: list[uuid.UUID] = []
    after: Any = None
    while True:
        page = lists.page(selection, ordering, limit=2, now=NOW, after=after)
        assert page.count == len(whole)
        if not page.rows:
            break
        by_place += [row.document_id for row in page.rows]
        after = ordering.place_of(page.rows[-1])
    by_offset = [
        row.document_id
        for offset in range(0, len(whole) + 1, 3)
        for row in lists.page(selection, ordering, limit=3, now=NOW, offset=offset).rows
    ]

    assert by_place == whole
    assert by_offset == whole


def test_a_name_that_two_pages_share_means_both(articles: None, clinic: Clinic) -> None:
    other = Head.objects.get(slug="insomnia")
    other.pk, other.page_id, other.position, other.path = uuid.UUID(int=7), 7_000_000, 7_000_000, "/more/insomnia/"
    other.save(force_insert=True)
    Head.objects.get(slug="copy-1").relations.filter(kind="condition").update(target_id=other.pk)
    selection = Selection(types=("article",), ties=(ABOUT_INSOMNIA,))
    ordering = Ordering("published_at", True)

    page = lists.page(selection, ordering, limit=50, now=NOW)

    assert [row.document_id for row in page.rows] == expected(selection, ordering)
    assert page.count == len(page.rows)


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL makes one plan for all values.")
@pytest.mark.parametrize("ties", [(), (ABOUT_INSOMNIA,)])
def test_no_plan_reads_all_heads_though_nobody_has_vacuumed(clinic: Clinic, ties: tuple[TieFilter, ...]) -> None:
    # As after a load: statistics, but no word of which pages of the table everybody sees.
    _copy_article(clinic, 20_000)
    selection = Selection(types=("article",), ties=ties)
    with CaptureQueriesContext(connection) as sent:
        for _time in range(3):
            found = lists.page(selection, Ordering("published_at", is_descending=True), limit=20)

    assert found.count > 20_000
    asked = sent[-1]["sql"]
    assert asked.startswith("EXECUTE")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {asked}")
        plan = [line for (line,) in cursor.fetchall() if "never executed" not in line]
    assert [line for line in plan if "Scan" in line]
    assert [line for line in plan if "Seq Scan on publishing_head" in line or "Gather" in line] == []


def _copy_article(clinic: Clinic, times: int) -> None:
    """Put so many heads beside the article's, with its ties, as far as lists look at them."""
    head = Head.objects.get(page_id=clinic.article.pk)
    own = {
        "document_id": "gen_random_uuid()",
        "page_id": "page_id + 100000 + number",
        "position": "position + 100000 + number",
        "slug": "slug || number",
        "path": "path || number",
    }
    columns = [field.column for field in Head._meta.concrete_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH copied AS (INSERT INTO publishing_head ({', '.join(columns)}) "
            f"SELECT {', '.join(own.get(column, column) for column in columns)} "
            "FROM publishing_head, generate_series(1, %s) number WHERE document_id = %s RETURNING document_id) "
            'INSERT INTO publishing_headrelation (source_id, kind, target_id, note, "order", source_type, source_published_at) '
            'SELECT copied.document_id, kind, target_id, note, "order", source_type, source_published_at '
            "FROM copied, publishing_headrelation WHERE source_id = %s",
            [times, head.pk, head.pk],
        )
        cursor.execute("ANALYZE publishing_head")
        cursor.execute("ANALYZE publishing_headrelation")
    tallies.recount()
