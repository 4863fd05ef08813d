"""A stand-in for a cluster of OpenSearch or Elasticsearch: the few requests that Attest makes, answered from memory.

It is strict: what it does not know is refused as those would, and so is a document that the mapping does not allow. That it
answers as a real one does is tested with a real one (``ENGINE_URL``, see ``docs/contributing.md``).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests import loopback

_CONFLICT = {"type": "version_conflict_engine_exception", "reason": "a newer version is there"}


class Refused(Exception):
    """A request that a cluster would not take: status and reason."""


@dataclass
class Index:
    """Documents by id, those that searches see already, and the newest version of each id, be it gone."""

    made: dict[str, Any]
    written: dict[str, "Row"] = field(default_factory=dict)
    shown: dict[str, "Row"] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)


@dataclass
class Row:
    """One document: its number, and its impacts by term."""

    document: int
    impacts: dict[int, int]

    @property
    def source(self) -> dict[str, Any]:
        """As it was sent."""
        postings = [{"term": term, "impact": impact} for term, impact in self.impacts.items()]
        return {"document": self.document, "postings": postings}


@dataclass
class StandIn:
    """The cluster: its indexes by name, every request it got, and a status with which it fails instead of answering."""

    port: int
    indexes: dict[str, Index] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    fails_with: int | None = None
    is_partial: bool = False

    @property
    def url(self) -> str:
        return f"http://editor:s%40cret@127.0.0.1:{self.port}/attest"

    def answer(self, method: str, path: str, body: str) -> Any:
        """What a cluster answers to this request; raises ``Refused``."""
        name, _slash, act = path.strip("/").partition("/")
        act, _mark, parameters = act.partition("?")
        if method == "PUT" and not act:
            if name in self.indexes:
                raise Refused(400, f"index [{name}] already exists")
            self.indexes[name] = Index(json.loads(body))
            return {"acknowledged": True}
        if name not in self.indexes:
            raise Refused(404, f"no such index [{name}]")
        index = self.indexes[name]
        if method == "DELETE" and not act:
            del self.indexes[name]
            return {"acknowledged": True}
        if (method, act) == ("POST", "_refresh"):
            index.shown = dict(index.written)
            return {"_shards": {"failed": 0}}
        if (method, act) == ("GET", "_count"):
            return {"count": len(index.shown)}
        if (method, act) == ("POST", "_msearch"):
            lines = [json.loads(line) for line in body.splitlines()]
            assert body.endswith("\n")
            assert all(head == {} for head in lines[::2])
            return {"responses": [self._found(index, asked) for asked in lines[1::2]]}
        if (method, act) == ("POST", "_bulk"):
            answer = {"items": list(_written(index, body))}
            if parameters == "refresh=true":
                index.shown = dict(index.written)
            return answer
        raise Refused(400, f"no handler found for {method} {path}")

    def _found(self, index: Index, asked: dict[str, Any]) -> dict[str, Any]:
        filters = asked.pop("query")["bool"].pop("filter")
        rows = [row for row in index.shown.values() if all(_passes(row, one) for one in filters)]
        source, size = asked.pop("_source"), asked.pop("size")
        keys = asked.pop("sort", [])
        asked.pop("track_total_hits", None)
        assert not asked, f"not known: {asked}"
        if size > 10_000:
            raise Refused(400, "Result window is too large")
        hits = [
            {"sort": [_sorted_by(row, key) for key in keys], "_source": row.source if source else None} for row in rows
        ]
        signs = [-1 if "desc" in json.dumps(key) else 1 for key in keys]
        hits.sort(key=lambda hit: [sign * value for sign, value in zip(signs, hit["sort"], strict=True)])
        return {"timed_out": False, "_shards": {"failed": int(self.is_partial)}, "hits": {"hits": hits[:size]}}


def _passes(row: Row, condition: dict[str, Any]) -> bool:
    ((kind, wanted),) = condition.items()
    ((name, value),) = wanted.items()
    values = {"term": lambda: [value], "terms": lambda: value}[kind]()
    if name == "document":
        return row.document in values
    assert name == "postings.term"
    return any(term in row.impacts for term in values)


def _sorted_by(row: Row, key: dict[str, Any]) -> int:
    ((name, order),) = key.items()
    if name == "document":
        assert order == "asc"
        return row.document
    assert name == "postings.impact"
    assert order["order"] == "desc"
    return row.impacts[order["nested"]["filter"]["term"]["postings.term"]]


def _written(index: Index, body: str) -> Iterator[dict[str, Any]]:
    lines = iter([json.loads(line) for line in body.splitlines()])
    for line in lines:
        ((act, about),) = line.items()
        assert about.keys() == {"_id", "version", "version_type"}
        assert about["version_type"] == "external"
        key, version = about["_id"], about["version"]
        row = next(lines) if act == "index" else None
        if version <= index.versions.get(key, -1):
            yield {act: {"_id": key, "status": 409, "error": _CONFLICT}}
            continue
        index.versions[key] = version
        was_there = index.written.pop(key, None) is not None
        if row is not None:
            assert row.keys() == {"document", "postings"}
            assert all(each.keys() == {"term", "impact"} for each in row["postings"])
            index.written[key] = Row(row["document"], {each["term"]: each["impact"] for each in row["postings"]})
        yield {act: {"_id": key, "status": 200 if was_there else 201 if row is not None else 404}}


@contextmanager
def serve() -> Iterator[StandIn]:
    """A running stand-in; it ends with the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            cluster.asked.append((self.command, self.path))
            cluster.authorizations.append(self.headers.get("Authorization"))
            try:
                if cluster.fails_with is not None:
                    raise Refused(cluster.fails_with, "told to fail")
                status, answer = 200, cluster.answer(self.command, self.path, body)
            except Refused as refused:
                status, reason = refused.args
                answer = {"error": {"type": "refused", "reason": reason}, "status": status}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = reply

        def log_message(self, *args: Any) -> None:
            """Tests are quiet."""

    with loopback.listening(Handler) as port:
        cluster = StandIn(port)
        yield cluster
