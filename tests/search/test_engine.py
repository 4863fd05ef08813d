"""The lists of words in an engine beside the database: the same results, never anything that is not public, and what happens
when it is away.

With ``ENGINE_URL`` (an address without a prefix) they ask a real cluster of OpenSearch or Elasticsearch; otherwise a stand-in.
"""

import datetime
import os
import random
import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cms.publishing import clock, verifying
from cms.publishing.chores import Round
from cms.publishing.models import Head
from search import engine, indexing, postings, storing
from search.cluster import EngineUnavailable, cluster
from search.engine import Change, Engine, engine_in_force, new_engine
from search.index_models import EngineChange, EngineIndex, IndexedDocument, Posting
from search.models import Notice
from search.query import Results, search
from search.within import documents_with
from tests import loopback
from tests.factories import Clinic, draft
from tests.search import stand_in
from tests.search.demo_documents import index_demo
from tests.search.judging import judged_queries

REAL = os.environ.get("ENGINE_URL", "")
# A stand-in is no quicker than the tests of every day can bear.
JUDGED = [query.text for query in judged_queries()][:: 1 if REAL else 16]
OTHERS = [
    '"side effects"',
    "pain -back",
    "insomina",
    "sleep zebra",
    "the",
    "inso",
    "what helps against pain in my back",
    "🙂",
]
TEXTS = JUDGED + OTHERS
NARROWING = ["sleep", "sleep -pain", "pains back", "insomnia", "zebra", "-sleep", "the", "back"]


@pytest.fixture
def engine_url(settings: Any) -> Iterator[str]:
    """An address at which a cluster answers; the settings know it."""
    if REAL:
        settings.SEARCH_ENGINE_URL = f"{REAL.rstrip('/')}/test{secrets.token_hex(4)}"
        at = _cluster()
        yield settings.SEARCH_ENGINE_URL
        for name in at.ask("GET", f"/{at.prefix}-*/_settings"):
            Engine(at, name).drop()
        return
    with stand_in.serve() as running:
        settings.SEARCH_ENGINE_URL = running.url
        yield running.url


@pytest.fixture
def running(settings: Any) -> Iterator[stand_in.StandIn]:
    """A stand-in that can be made to fail, whatever the other tests ask."""
    with stand_in.serve() as running:
        settings.SEARCH_ENGINE_URL = running.url
        yield running


def _cluster() -> Any:
    found = cluster()
    assert found is not None
    return found


def _in_force() -> Engine:
    found = engine_in_force()
    assert found is not None
    return found


def _rebuild() -> None:
    for _document_id in indexing.rebuild():
        pass


def _titles(text: str) -> list[str]:
    return [hit.title_highlight.replace("<mark>", "").replace("</mark>", "") for hit in search(text, site_id=None).hits]


@pytest.fixture
def demo(clinic: Clinic) -> int:
    """The demo's public documents and nothing else, their lists of words in the database."""
    indexing.clear()
    return index_demo(clinic.home.get_site().pk)


@pytest.fixture
def kept_there(committed_clinic: Clinic, running: stand_in.StandIn) -> Clinic:
    """The clinic, its lists of words in the stand-in."""
    _rebuild()
    return committed_clinic


def test_every_result_is_the_same_wherever_the_lists_are(
    demo: int, engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, narrowed = before = _found()
    with monkeypatch.context() as cut:
        _cut_lists(cut)
        results_cut, narrowed_cut = before_cut = _found()

    _rebuild()

    assert (Posting.objects.count(), _in_force().count()) == (0, demo)
    assert _found() == before
    _cut_lists(monkeypatch)
    assert _found() == before_cut
    assert all(one.is_exact for one in results)
    assert not all(one.is_exact for one in results_cut)
    assert narrowed == narrowed_cut
    assert 4 < len(narrowed[0]) < demo


def _cut_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if words stood in far more documents than are looked at, or told of by an engine."""
    monkeypatch.setattr(postings, "MAX_LIST", 4)
    monkeypatch.setattr(engine, "MAX_RESULT", 4)


def _found() -> tuple[list[Results], list[list[str]]]:
    """What searches find, and which documents a list is narrowed to."""
    return [search(text, site_id=None, limit=100) for text in TEXTS], [_ids_within(text) for text in NARROWING]


def _ids_within(text: str) -> list[str]:
    within = documents_with(text)
    heads = Head.objects.order_by("document_id")
    if within.sql is not None:
        heads = heads.extra(where=[f"document_id IN ({within.sql})"])  # noqa: S610 - the query under test
    return [str(key) for key in heads.values_list("document_id", flat=True)]


def test_back_in_the_database_nothing_is_lost(clinic: Clinic, engine_url: str, settings: Any) -> None:
    before, rows = _found(), Posting.objects.count()
    _rebuild()
    assert (_found(), Posting.objects.count()) == (before, 0)
    settings.SEARCH_ENGINE_URL = ""

    _rebuild()

    assert (_found(), Posting.objects.count(), engine_in_force()) == (before, rows, None)
    assert list(indexing.problems()) == []


def test_the_engine_follows_the_ledger(committed_clinic: Clinic, engine_url: str) -> None:
    clinic = committed_clinic
    _rebuild()
    before = clock.read()
    assert _titles("zebras") == []

    page = clinic.publish(clinic.article_draft("stripes", summary="Zebras here."))
    assert _titles("zebras") == [page.title]
    # Whatever was kept between the publication and the news of it is not given out any more.
    assert clock.read().facts > before.facts
    draft(page, summary="Quokkas here.")
    clinic.publish(page)
    assert (_titles("zebras"), _titles("quokkas")) == ([], [page.title])
    page.unpublish()
    assert _titles("quokkas") == []

    assert not EngineChange.objects.exists()
    assert not Posting.objects.exists()
    assert list(indexing.problems()) == []
    verifying.rebuild()
    assert list(indexing.problems()) == []
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]


def test_what_is_withdrawn_is_hidden_before_the_engine_knows(kept_there: Clinic, running: stand_in.StandIn) -> None:
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]
    running.fails_with = 500
    kept_there.article.unpublish()
    assert EngineChange.objects.get().postings == ""

    running.fails_with = None
    _cluster().wake()

    assert _titles("insomnia") == ["Insomnia"]
    assert running.indexes[_in_force().name].shown.keys() > {str(key) for key in _numbers()}
    storing.look_after(timezone.now())
    assert running.indexes[_in_force().name].shown.keys() == {str(key) for key in _numbers()}


def _numbers() -> list[int]:
    return list(IndexedDocument.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("failure", [500, 401])
def test_pages_are_published_while_the_engine_is_away(
    kept_there: Clinic, running: stand_in.StandIn, client: Client, failure: int
) -> None:
    Notice.objects.create(title="If this is an emergency", message="Call.", phrases="zebras")
    running.fails_with = failure

    page = kept_there.publish(kept_there.article_draft("stripes", summary="Zebras here."))

    assert client.get(f"/api/v1/articles/{page.slug}").status_code == 200
    assert EngineChange.objects.count() == 1
    problem = client.get("/api/v1/search?q=zebras")
    assert (problem.status_code, problem.headers["Retry-After"]) == (503, "5")
    assert problem.json()["detail"] == "Search cannot answer just now; lists without “q”, and documents, can."
    assert problem.headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/articles?q=zebras").status_code == 503
    # Names are in the database.
    assert client.get("/api/v1/search/suggest?q=inso").json()["items"][0]["text"] == "Insomnia"
    shown = client.get("/search/?q=zebras")
    assert (shown.status_code, shown.headers["Retry-After"]) == (503, "5")
    assert "Search cannot answer just now" in shown.text
    assert "If this is an emergency" in shown.text
    assert 'href="/conditions/insomnia/"' in shown.text
    assert "Nothing here by that name" not in shown.text
    check = client.get("/readyz")
    assert (check.status_code, check.json()["checks"]["search"]["ok"]) == (200, False)

    assert Round().do_due()
    assert EngineChange.objects.count() == 1
    running.fails_with = None
    _cluster().wake()
    assert "engine of search" in Round().do_due()

    assert not EngineChange.objects.exists()
    assert client.get("/api/v1/search?q=zebras").json()["count"] == 1
    assert client.get("/readyz").json()["checks"]["search"]["detail"] == "12 documents, 0 changes waiting"
    assert list(indexing.problems()) == []


def test_nobody_is_made_to_wait_for_an_engine_that_just_failed(kept_there: Clinic, running: stand_in.StandIn) -> None:
    running.fails_with = 503
    with pytest.raises(EngineUnavailable, match="refused a request .503.: told to fail"):
        search("sleep", site_id=None)
    asked = len(running.asked)

    with pytest.raises(EngineUnavailable, match="a moment ago"):
        search("sleep", site_id=None)

    assert len(running.asked) == asked
    running.fails_with = None
    _cluster().wake()
    assert _titles("sleep")


def test_a_part_of_the_documents_is_no_answer(kept_there: Clinic, running: stand_in.StandIn) -> None:
    running.is_partial = True

    with pytest.raises(EngineUnavailable, match="every document"):
        search("sleep", site_id=None)


def test_a_server_that_is_not_there_is_an_engine_that_is_away(kept_there: Clinic, settings: Any) -> None:
    with stand_in.serve() as gone:
        settings.SEARCH_ENGINE_URL = gone.url

    with pytest.raises(EngineUnavailable, match="does not answer"):
        search("sleep", site_id=None)


@pytest.mark.parametrize(
    ("body", "said"), [(b"{}", "is none"), (b"[1]", "is none"), (b"<p>Hello</p>", "does not answer")]
)
def test_another_kind_of_server_is_no_engine(kept_there: Clinic, settings: Any, body: bytes, said: str) -> None:
    with loopback.serve() as other:
        settings.SEARCH_ENGINE_URL = other.address("/attest")
        other.replies |= {
            f"/{_in_force().name}/{act}": (200, {}, body) for act in ("_msearch", "_count", "_bulk?refresh=true")
        }

        with pytest.raises(EngineUnavailable, match=said):
            search("sleep", site_id=None)
        _cluster().wake()
        with pytest.raises(EngineUnavailable, match=said):
            _in_force().count()
        _cluster().wake()
        with pytest.raises(EngineUnavailable, match=said):
            _in_force().write([Change(1, 1, {})])


def test_changes_that_arrive_in_another_order_end_the_same(engine_url: str) -> None:
    index = new_engine()
    assert index is not None
    index.make()
    first, second, gone = Change(7, 0, {11: 900}), Change(7, 3, {11: 400, -12: 1000}), Change(7, 4, {})
    other = Change(8, 2, {11: 401})

    index.write([second, other])
    index.write([first])

    assert index.impacts_of([11, -12, 5], 10) == {11: {8: 401, 7: 400}, -12: {7: 1000}, 5: {}}
    assert list(index.impacts_of([11], 10)[11]) == [8, 7]
    assert index.impacts_of([11], 10, {11: [7]}) == {11: {7: 400}}
    assert index.having_any([-12, 5], [7, 8]) == {7}
    assert index.postings_of([7, 9]) == {7: {(11, 400), (-12, 1000)}}
    index.write([gone])
    index.write([second, Change(9, 5, {})])
    assert index.impacts_of([11], 10) == {11: {8: 401}}
    assert index.count() == 1
    index.drop()
    index.drop()


def test_equals_are_cut_by_their_number(engine_url: str) -> None:
    index = new_engine()
    assert index is not None
    index.make()
    index.write([Change(number, 1, {3: 500 + number // 4}) for number in (5, 4, 12, 3, 7, 6)])

    assert list(index.impacts_of([3], 4)[3].items()) == [(12, 503), (4, 501), (5, 501), (6, 501)]
    index.drop()


def test_an_interrupted_rebuild_leaves_the_old_index(
    kept_there: Clinic, running: stand_in.StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(running.indexes)
    index_head = indexing.index_head

    def stopped(head: Head, ties: Any) -> bool:
        if head.slug == "insomnia":
            raise KeyboardInterrupt
        return index_head(head, ties)

    with monkeypatch.context() as stopping:
        stopping.setattr(indexing, "index_head", stopped)
        with pytest.raises(KeyboardInterrupt):
            _rebuild()

    assert set(running.indexes) == before
    assert EngineIndex.objects.get().name in before
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]


def test_a_replaced_index_is_dropped_when_nobody_reads_it_any_more(
    kept_there: Clinic, running: stand_in.StandIn
) -> None:
    old = _in_force().name
    _rebuild()
    new = _in_force().name

    storing.look_after(timezone.now() + datetime.timedelta(minutes=9))
    assert set(running.indexes) == {old, new}
    storing.look_after(timezone.now() + datetime.timedelta(minutes=11))

    assert set(running.indexes) == {new}
    assert EngineIndex.objects.get().name == new


def test_changes_for_a_replaced_index_do_not_reach_the_new_one(kept_there: Clinic, running: stand_in.StandIn) -> None:
    running.fails_with = 500
    page = kept_there.publish(kept_there.article_draft("stripes", summary="Zebras here."))
    running.fails_with = None
    _cluster().wake()

    _rebuild()

    assert not EngineChange.objects.exists()
    assert _titles("zebras") == [page.title]
    assert list(indexing.problems()) == []


WORDS = ("zebras", "quokkas", "numbats")


@pytest.mark.parametrize("seed", range(2))
def test_after_any_history_the_engine_knows_what_is_public(
    kept_there: Clinic, running: stand_in.StandIn, seed: int
) -> None:
    chance = random.Random(seed)
    page = kept_there.publish(kept_there.article_draft("stripes", summary=f"{WORDS[0]} here."))
    public = WORDS[0]
    for _step in range(14):
        act = chance.choice(("write", "write", "withdraw", "fail", "recover", "look", "rebuild"))
        if act == "write":
            public = chance.choice(WORDS)
            draft(page, summary=f"{public} here.")
            kept_there.publish(page)
        elif act == "withdraw" and public:
            page.unpublish()
            public = ""
        elif act == "fail":
            running.fails_with = chance.choice((401, 429, 500))
        elif act == "recover":
            running.fails_with = None
            _cluster().wake()
        else:
            with suppress(EngineUnavailable):
                storing.look_after(timezone.now()) if act == "look" else _rebuild()
        # Late is allowed where something failed; what nobody may read any more is not.
        for word in set(WORDS) - {public}:
            with suppress(EngineUnavailable):
                assert word not in "".join(hit.highlight for hit in search(word, site_id=None).hits)
        page.refresh_from_db()

    running.fails_with = None
    _cluster().wake()
    storing.look_after(timezone.now())

    assert list(indexing.problems()) == []
    assert [word for word in WORDS if _titles(word)] == ([public] if public else [])


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("lost", "/conditions/insomnia/ is found by other words than it has."),
        ("more", "The engine of search holds 12 documents where 11 are public."),
        ("waiting", "1 changes wait to be sent to the engine of search."),
        ("elsewhere", "The lists of words are in an engine, and the settings want them elsewhere."),
    ],
)
def test_an_engine_out_of_step_is_told(
    kept_there: Clinic, running: stand_in.StandIn, settings: Any, damage: str, sentence: str
) -> None:
    index = running.indexes[_in_force().name].shown
    number = IndexedDocument.objects.get(document_id=Head.objects.get(slug="insomnia").document_id).pk
    if damage == "lost":
        index[str(number)].impacts.popitem()
    if damage == "more":
        index["999999"] = stand_in.Row(999999, {})
    if damage == "waiting":
        EngineChange.objects.create(document=999999, postings="")
    if damage == "elsewhere":
        settings.SEARCH_ENGINE_URL = ""
        with pytest.raises(CommandError, match="SEARCH_ENGINE_URL is not set"):
            call_command("search", "verify")
        with pytest.raises(EngineUnavailable, match="SEARCH_ENGINE_URL is not set"):
            search("sleep", site_id=None)
    else:
        assert sentence in list(indexing.problems())

    _rebuild()
    assert list(indexing.problems()) == []
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]


def test_lists_in_the_database_are_told_where_the_settings_name_an_engine(
    clinic: Clinic, running: stand_in.StandIn
) -> None:
    assert list(indexing.problems()) == [
        "The lists of words are in the database, and the settings want them elsewhere."
    ]
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]
    assert running.asked == []


def test_a_rebuild_without_the_engine_changes_nothing(clinic: Clinic, running: stand_in.StandIn) -> None:
    rows = Posting.objects.count()
    running.fails_with = 500

    with pytest.raises(CommandError, match="The index stays as it was"):
        call_command("search", "rebuild")

    assert Posting.objects.count() == rows
    assert engine_in_force() is None
    assert _titles("insomnia") == ["Insomnia", "Sleeping better"]


def test_the_cluster_is_told_who_asks(kept_there: Clinic, running: stand_in.StandIn) -> None:
    # editor:s@cret
    assert set(running.authorizations) == {"Basic ZWRpdG9yOnNAY3JldA=="}
    assert "s@cret" not in repr(_cluster())


@pytest.mark.parametrize(
    "url",
    [
        "search.example:9200",
        "ftp://u:hunter2@search.example/attest",
        "https://u:hunter2@search.example:port/attest",
        "https://u:hunter2@search.example/Attest",
        "https://u:hunter2@search.example/a/b",
        "https://u:hunter2@search.example/attest?x=1",
        "https:///attest",
    ],
)
def test_an_address_that_cannot_be_used_stops_the_start(settings: Any, url: str) -> None:
    settings.SEARCH_ENGINE_URL = url

    with pytest.raises(ImproperlyConfigured, match="SEARCH_ENGINE_URL cannot be used.*It takes https://user:p") as told:
        cluster()

    assert "hunter2" not in str(told.value)


def test_certificates_that_are_not_there_stop_the_start(settings: Any, tmp_path: Any) -> None:
    settings.SEARCH_ENGINE_URL = "https://search.example/attest"
    settings.SEARCH_ENGINE_CA_FILE = str(tmp_path / "ca.pem")
    with pytest.raises(ImproperlyConfigured, match="SEARCH_ENGINE_CA_FILE=.*is no file"):
        cluster()

    (tmp_path / "ca.pem").write_text("")

    assert _cluster().port == 443
