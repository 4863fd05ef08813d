"""The judged set: what people type over the demo clinic's documents, and how well an order of pages answers it."""

import math
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

JUDGED = Path(__file__).parent / "judged.toml"
# So many results are looked at.
DEPTH = 10


@dataclass(frozen=True)
class Judged:
    """One query with its graded pages, by the last part of their paths."""

    text: str
    kind: str
    wanted: dict[str, int]
    is_held: bool = False
    unwanted: tuple[str, ...] = ()

    def gain(self, names: Sequence[str]) -> float:
        """NDCG@10 of pages in this order: 1 when no order would be better."""
        ideal = _discounted(sorted(self.wanted.values(), reverse=True))
        return _discounted([self.wanted.get(name, 0) for name in names[:DEPTH]]) / ideal

    def reciprocal_rank(self, names: Sequence[str]) -> float:
        """One through the rank of the first page that answers, which has grade 2 at least; 0 when none of ten does."""
        return next((1 / rank for rank, name in enumerate(names[:DEPTH], 1) if self.wanted.get(name, 0) > 1), 0.0)


@dataclass(frozen=True)
class Quality:
    """How well a search answers a set of queries: averages, and the share of queries that find nothing."""

    queries: int
    ndcg: float
    mrr: float
    zero_rate: float


def judged_queries() -> list[Judged]:
    """All queries, in the order of the file."""
    rows = tomllib.loads(JUDGED.read_text())["query"]
    return [
        Judged(row["text"], row["kind"], row["wanted"], row.get("held", False), tuple(row.get("unwanted", ())))
        for row in rows
    ]


def quality_of(queries: Sequence[Judged], search: Callable[[str], Sequence[str]]) -> Quality:
    """How well ``search``, which gives names of pages in order, answers ``queries``; those without wanted pages count once."""
    found = [(query, search(query.text)) for query in queries]
    graded = [(query, names) for query, names in found if query.wanted]
    return Quality(
        len(found),
        sum(query.gain(names) for query, names in graded) / len(graded),
        sum(query.reciprocal_rank(names) for query, names in graded) / len(graded),
        sum(not names for _query, names in found) / len(found),
    )


def name_of(path: str) -> str:
    """The last part of ``path``; “home” for the home page."""
    return path.strip("/").rpartition("/")[2] or "home"


def _discounted(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
