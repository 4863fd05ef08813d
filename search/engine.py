"""The lists of words in an index of OpenSearch or Elasticsearch, for sites that outgrow their database (decision 0019).

The engine holds for each document its words and how much each says about it, and gives back, for a word, the documents of which
it says most: the very lists that the table ``search_posting`` holds otherwise. What is meant, in which order documents come and
what may be shown is decided here and by the ledger, so results are the same wherever the lists are.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from search.cluster import READ_SECONDS, WRITE_SECONDS, Cluster, EngineUnavailable, cluster
from search.index_models import EngineIndex

# So many documents are told of in one request, and asked for.
BATCH = 500
# The longest result that an engine gives without being asked in another way.
MAX_RESULT = 10_000
# A document has some hundred words; an engine refuses more than ten thousand if it is not told otherwise.
_MAX_POSTINGS = 50_000
_SETTINGS = {"index": {"refresh_interval": "500ms", "mapping": {"nested_objects": {"limit": _MAX_POSTINGS}}}}
_MAPPINGS = {
    "dynamic": "strict",
    "properties": {
        "document": {"type": "long"},
        # In the root as well: there a word is found without looking at the other words of its document.
        "postings": {
            "type": "nested",
            "include_in_root": True,
            "properties": {"term": {"type": "long"}, "impact": {"type": "short"}},
        },
    },
}


@dataclass(frozen=True)
class Change:
    """What the engine has yet to know of a document: its impacts by term, or nothing when it is to be forgotten.

    A change with a higher ``version`` wins, in whatever order they arrive.
    """

    document: int
    version: int
    impacts: Mapping[int, int]


class Engine:
    """One index in a cluster. Every method raises ``EngineUnavailable`` when that does not answer in whole."""

    def __init__(self, at: Cluster, name: str) -> None:
        self.name = name
        self._cluster = at

    def make(self) -> None:
        """Make the index, which has nothing in it."""
        made = {"settings": _SETTINGS, "mappings": _MAPPINGS}
        self._cluster.ask("PUT", f"/{self.name}", made, seconds=WRITE_SECONDS)

    def drop(self) -> None:
        """Take the index away; nothing happens when it is gone already. Asked for even when something has just failed."""
        self._cluster.wake()
        self._cluster.ask("DELETE", f"/{self.name}", seconds=WRITE_SECONDS, missing_ok=True)

    def write(self, changes: Collection[Change], *, is_shown: bool = True) -> None:
        """Index and forget documents; searches see it when this returns, if ``is_shown``."""
        if not changes:
            return
        path = f"/{self.name}/_bulk{'?refresh=true' if is_shown else ''}"
        answer = self._cluster.ask("POST", path, lines=_written(changes), seconds=WRITE_SECONDS)
        for item in _member(answer, "items"):
            ((act, result),) = item.items()
            # A newer change came first; or what is to be forgotten was never there.
            if result["status"] >= 400 and result["status"] != 409 and (act, result["status"]) != ("delete", 404):
                reason = result.get("error", {})
                raise EngineUnavailable(f"The engine of search did not take a document: {reason.get('reason', reason)}")

    def show(self) -> None:
        """Let searches see everything that was written."""
        self._cluster.ask("POST", f"/{self.name}/_refresh", seconds=WRITE_SECONDS)

    def impacts_of(
        self, terms: Collection[int], limit: int, among: Mapping[int, Collection[int]] | None = None
    ) -> dict[int, dict[int, int]]:
        """For each term the ``limit`` documents of which it says most, and how much; of documents ``among`` some, by term."""
        asked = [_list_of(term, limit, None if among is None else among[term]) for term in terms]
        answers = self._search(asked)
        return {
            term: {document: impact for impact, document in (hit["sort"] for hit in answer["hits"]["hits"])}
            for term, answer in zip(terms, answers, strict=True)
        }

    def having_any(self, terms: Collection[int], documents: Collection[int]) -> set[int]:
        """Those of ``documents`` that have one of ``terms``."""
        given = sorted(documents)
        pieces = [given[start : start + MAX_RESULT] for start in range(0, len(given), MAX_RESULT)]
        answers = self._search([_having(terms, {"terms": {"document": piece}}) for piece in pieces])
        return {hit["sort"][0] for answer in answers for hit in answer["hits"]["hits"]}

    def all_having(self, terms: Collection[int]) -> list[int] | None:
        """Every document that has one of ``terms``; ``None`` where there are too many to be told."""
        (answer,) = self._search([_having(terms)])
        found = [hit["sort"][0] for hit in answer["hits"]["hits"]]
        return found if len(found) < MAX_RESULT else None

    def postings_of(self, documents: Collection[int]) -> dict[int, set[tuple[int, int]]]:
        """Term and impact of every word of these documents, of those that are there; at most ``MAX_RESULT`` documents."""
        asked = {
            "size": len(documents),
            "_source": ["document", "postings"],
            "query": {"bool": {"filter": [{"terms": {"document": sorted(documents)}}]}},
        }
        (answer,) = self._search([asked], seconds=WRITE_SECONDS)
        sources = [hit["_source"] for hit in answer["hits"]["hits"]]
        return {one["document"]: {(each["term"], each["impact"]) for each in one["postings"]} for one in sources}

    def count(self) -> int:
        """How many documents are in the index."""
        return int(_member(self._cluster.ask("GET", f"/{self.name}/_count"), "count"))

    def _search(self, asked: list[dict[str, Any]], *, seconds: float = READ_SECONDS) -> list[Any]:
        if not asked:
            return []
        lines = [line for body in asked for line in ({}, body)]
        said = self._cluster.ask("POST", f"/{self.name}/_msearch", lines=lines, seconds=seconds)
        answers = list(_member(said, "responses"))
        for answer in answers:
            # A part of the documents is an answer that looks whole, and is not.
            if "error" in answer or answer["timed_out"] or answer["_shards"]["failed"]:
                raise EngineUnavailable("The engine of search could not look at every document.")
        return answers


def engine_in_force() -> Engine | None:
    """Where the lists are when they are in an engine; ``None`` when they are in the database. One query.

    Raises ``EngineUnavailable`` when they are in one, and the settings do not say where that is.
    """
    name = EngineIndex.objects.filter(is_in_force=True).values_list("name", flat=True).first()
    if name is None:
        return None
    at = cluster()
    if at is None:
        raise EngineUnavailable("The lists of search are in an engine, and SEARCH_ENGINE_URL is not set.")
    return Engine(at, name)


def new_engine() -> Engine | None:
    """An index that is not made yet, where the settings name a cluster; its name was never used before."""
    at = cluster()
    return Engine(at, f"{at.prefix}-{secrets.token_hex(6)}") if at is not None else None


def _member(answer: Any, name: str) -> Any:
    if not isinstance(answer, dict) or name not in answer:
        raise EngineUnavailable("What answers as the engine of search is none: look at SEARCH_ENGINE_URL.")
    return answer[name]


def _list_of(term: int, limit: int, among: Collection[int] | None) -> dict[str, Any]:
    within = [] if among is None else [{"terms": {"document": sorted(among)}}]
    by_impact = {"order": "desc", "nested": {"path": "postings", "filter": {"term": {"postings.term": term}}}}
    return {
        "size": limit,
        "_source": False,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"term": {"postings.term": term}}, *within]}},
        # By document among equals, as the table has it: where a list is cut, it is cut at the same place.
        "sort": [{"postings.impact": by_impact}, {"document": "asc"}],
    }


def _having(terms: Collection[int], *also: dict[str, Any]) -> dict[str, Any]:
    return {
        "size": MAX_RESULT,
        "_source": False,
        "track_total_hits": False,
        "query": {"bool": {"filter": [{"terms": {"postings.term": sorted(terms)}}, *also]}},
        "sort": [{"document": "asc"}],
    }


def _written(changes: Iterable[Change]) -> Iterator[dict[str, Any]]:
    for change in changes:
        act = "index" if change.impacts else "delete"
        yield {act: {"_id": str(change.document), "version": change.version, "version_type": "external"}}
        if change.impacts:
            postings = [{"term": term, "impact": impact} for term, impact in sorted(change.impacts.items())]
            yield {"document": change.document, "postings": postings}
