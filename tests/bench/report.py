"""What was measured, as text: tables with ratios, targets with their verdicts, and the page in ``docs/``."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version

# Servers, as tables call them.
WARM, COLD, STOCK, BARE = "Attest", "Attest, cold", "stock Wagtail API v2", "bare Django view"
LIST = "list of 20"
# From this heading on the page is written by hand, out of what ``tests.bench.quality`` and ``tests.bench.mixture`` print.
BY_HAND = "## Search\n"

# At least so many times the answers per second of the stock API, and of the bare view, with cold caches.
COLD_TARGETS = {"document": (30, 0.6), LIST: (120, 0.6), "list, filtered": (120, 0.6)}
# Warm: at least so many times the bare view.
WARM_TARGETS, WARM_DEFAULT = {"304": 1.0}, 1.5
MAX_GROWTH = 1.3
# “Costs what page 1 costs”: within what two runs of the same page differ by.
MAX_CURSOR_COST = 1.2
MAX_SEARCH_COST = 2
MAX_MEMORY_MIB = 150
MAX_PUBLICATION_MS = 50
LOAD_ARTICLES, LOAD_MINUTES = 10_000, 5


@dataclass(frozen=True)
class Measure:
    """One case on one server with so many connections. Units: answers a second, milliseconds, bytes; medians of rounds."""

    case: str
    server: str
    connections: int
    per_second: float
    p50: float
    p99: float
    failed: int
    size: int
    queries: int | None


@dataclass
class Result:
    """Everything that was measured on one database."""

    articles: int
    database: str
    measures: list[Measure] = field(default_factory=list)
    # Resident memory of each web process of Attest, in MiB.
    memory_mib: list[float] = field(default_factory=list)
    # Median milliseconds of publishing one page, with Attest and with a plain Wagtail project.
    publication_ms: tuple[float, float] | None = None
    # Articles that were loaded, and in how many seconds; None when they were there already and nobody wrote it down.
    loaded: tuple[int, float] | None = None
    # The case of a page by cursor, and how many times as long as page 1 it takes.
    cursor_cost: tuple[str, float] | None = None
    # How many times as long a read takes as among ``grown_from`` articles, by case and server.
    growth: dict[tuple[str, str], float] = field(default_factory=dict)
    grown_from: int = 0

    def find(self, case: str, server: str, connections: int) -> Measure | None:
        """The measure of ``case`` on ``server``, if it was made."""
        wanted = (case, server, connections)
        return next((one for one in self.measures if (one.case, one.server, one.connections) == wanted), None)

    def ratio(self, measure: Measure, server: str) -> float | None:
        """How many times as many answers as ``server`` gives to the same, or the bare view to anything."""
        case = BARE if server == BARE else measure.case
        other = self.find(case, server, measure.connections)
        return None if other is None or not other.per_second else measure.per_second / other.per_second

    def connections(self) -> list[int]:
        """The numbers of connections that were measured."""
        return sorted({measure.connections for measure in self.measures})


@dataclass(frozen=True)
class Verdict:
    """One target, what was measured, and whether it was met."""

    subject: str
    target: str
    measured: str
    is_met: bool


def tables_of(result: Result) -> Iterator[str]:
    """One table of measures for each number of connections, and what else was measured, as lines of Markdown."""
    for connections in result.connections():
        yield f"### {result.database}, {result.articles:,} articles, {connections} connections"
        yield ""
        yield "| read | server | req/s | p50 ms | p99 ms | queries | bytes | × stock | × bare |"
        yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        for measure in result.measures:
            if measure.connections == connections:
                yield _row(result, measure)
        yield ""
    for measure in result.measures:
        if measure.failed or not measure.per_second:
            what = f"“{measure.case}” ({measure.server}, {measure.connections} connections)"
            said = f"{measure.failed} answers failed" if measure.failed else "no answer came"
            yield f"**{what}: {said}; its figures say nothing.**"
            yield ""


def verdicts_of(result: Result) -> Iterator[Verdict]:
    """The targets that one database can be held to; with several numbers of connections, the worst counts."""
    for case, (of_stock, of_bare) in COLD_TARGETS.items():
        yield from _verdict_of_ratio(result, f"{case}, cold, to stock", case, COLD, STOCK, of_stock)
        yield from _verdict_of_ratio(result, f"{case}, cold, to bare", case, COLD, BARE, of_bare)
    for case in dict.fromkeys(measure.case for measure in result.measures if measure.server == WARM):
        wanted = WARM_TARGETS.get(case, WARM_DEFAULT)
        yield from _verdict_of_ratio(result, f"{case}, warm, to bare", case, WARM, BARE, wanted)
    for server, said in ((COLD, "cold"), (WARM, "warm")):
        if costs := list(_search_costs(result, server)):
            target = f"≤ × {MAX_SEARCH_COST} of a list of 20"
            yield Verdict(f"search, {said} p50", target, f"× {max(costs):.2f}", max(costs) <= MAX_SEARCH_COST)
    if result.cursor_cost:
        case, cost = result.cursor_cost
        target = f"≤ × {MAX_CURSOR_COST} of page 1"
        yield Verdict(f"{case}, cold p50", target, f"× {cost:.2f}", cost <= MAX_CURSOR_COST)
    if result.memory_mib:
        most = max(result.memory_mib)
        yield Verdict("memory of a web process", f"< {MAX_MEMORY_MIB} MiB", f"{most:.0f} MiB", most < MAX_MEMORY_MIB)
    if result.publication_ms:
        ours, stock = result.publication_ms
        measured = f"{ours - stock:.0f} ms ({ours:.0f} and {stock:.0f})"
        target = f"< {MAX_PUBLICATION_MS} ms more than stock"
        yield Verdict("publishing one page", target, measured, ours - stock < MAX_PUBLICATION_MS)
    if result.loaded and result.loaded[0] >= 100:
        count, seconds = result.loaded
        minutes = LOAD_ARTICLES * seconds / count / 60
        measured = f"{minutes:.1f} min at {count / seconds:.0f} a second, measured on {count:,}"
        yield Verdict(f"loading {LOAD_ARTICLES:,} articles", f"< {LOAD_MINUTES} min", measured, minutes < LOAD_MINUTES)


def _search_costs(result: Result, server: str) -> Iterator[float]:
    """How many times as long as a list a search takes, for each number of connections."""
    for connections in result.connections():
        search, listed = (result.find(case, server, connections) for case in ("search", LIST))
        if search and listed and listed.p50:
            yield search.p50 / listed.p50


def growth_of(result: Result) -> Iterator[Verdict]:
    """Whether reads cost the same among many articles as among few; nothing where no fewer were measured."""
    for (case, server), times in result.growth.items():
        which = f"{case}, {'cold' if server == COLD else 'warm'}"
        subject = f"{which}: p50 from {result.grown_from:,} to {result.articles:,}"
        yield Verdict(subject, f"≤ × {MAX_GROWTH}", f"× {times:.2f}", times <= MAX_GROWTH)


def page_of(results: list[Result], *, client: str, is_compressing: bool, notes: list[str]) -> str:
    """The whole of ``docs/performance.md`` before ``BY_HAND``."""
    lines = ["# Performance", "", *_method(client, is_compressing), *(f"{note}\n" for note in notes)]
    lines += ["## Targets", ""]
    for result in results:
        lines += [f"### {result.database}, {result.articles:,} articles", "", *_verdict_table(verdicts_of(result))]
    for result in results:
        if result.growth:
            lines += [f"### {result.database}, growth", "", *_verdict_table(growth_of(result))]
    lines += ["## Measures", ""]
    for result in results:
        lines += tables_of(result)
    return "\n".join(lines).rstrip() + "\n"


def _row(result: Result, measure: Measure) -> str:
    of_stock = result.ratio(measure, STOCK) if measure.server in (WARM, COLD) else None
    of_bare = result.ratio(measure, BARE) if measure.server != BARE else None
    cells = [
        measure.case if measure.server != BARE else "one column of one row",
        measure.server,
        f"{measure.per_second:,.0f}",
        f"{measure.p50:.2f}",
        f"{measure.p99:.2f}",
        "" if measure.queries is None else str(measure.queries),
        f"{measure.size:,}",
        "" if of_stock is None else f"{of_stock:.1f}",
        "" if of_bare is None else f"{of_bare:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def _verdict_of_ratio(
    result: Result, subject: str, case: str, server: str, to: str, wanted: float
) -> Iterator[Verdict]:
    measures = [one for one in result.measures if one.case == case and one.server == server]
    ratios = [ratio for one in measures if (ratio := result.ratio(one, to)) is not None]
    if ratios:
        is_met = min(ratios) >= wanted and not any(one.failed for one in measures)
        yield Verdict(subject, f"≥ × {wanted}", f"× {min(ratios):.2f}", is_met)


def _verdict_table(verdicts: Iterator[Verdict]) -> Iterator[str]:
    yield "| subject | target | measured | |"
    yield "| --- | --- | --- | --- |"
    for verdict in verdicts:
        word = "met" if verdict.is_met else "**missed**"
        yield f"| {verdict.subject} | {verdict.target} | {verdict.measured} | {word} |"
    yield ""


def _method(client: str, is_compressing: bool) -> Iterator[str]:
    yield (
        "Written by `make bench`; `make bench-full` adds 100,000 articles. Articles are made by a generator that goes through "
        "gate and ledger: eight paragraphs, citations, two authors, one to three conditions, a service, a topic, a picture."
    )
    yield ""
    yield (
        "Four servers ran at the same time on one machine, each of two Granian processes started with the flags of "
        "`make run`: Attest, Attest without its response cache (“cold”), Wagtail’s API v2 in a plain Wagtail project on the "
        "same database, and a Django view without middleware that returns one column of one row. None of them sees what only "
        "developers install and REST framework or Beautiful Soup would load, as in production. The client asked them in "
        "turn, in short rounds on the same machine; figures are medians of the rounds. The stock API, whose lists take seconds, "
        "is asked in one long round instead; what was unfinished at its end is not counted, which flatters the others a little. "
        "It gives the same relations, "
        "nested; it cannot filter by a condition, so its filtered list filters by a column, which is easier. Targets count at "
        "the worse of the numbers of connections. The client says to all servers that it takes gzip, as browsers and libraries "
        "do; only Attest compresses, and only what it keeps, so the cold one does not. Bytes are those that were sent. What a "
        "late page costs beside the first, and a read among many articles beside few, is asked in pairs, a second each, one "
        "right after the other: the ratio is the median of the pairs. For growth both sizes are served at the same time."
    )
    yield ""
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "wagtail", "granian"))
    yield f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}, {packages}. Client: {client}."
    yield ""
    if is_compressing:
        yield "`wrk` was not there: a client in Python costs about as much as the servers, so every ratio is compressed."
        yield ""
