"""Measure the content API beside the stock Wagtail API v2 and a bare Django view: ``make bench``.

For each database and each size, articles are loaded once and kept in ``var/bench``; three kinds of server are started in the same
way on the same database; the client asks them in turn, so that what drifts on the machine hits all of them alike.

``ARTICLES`` (sizes, separated by commas), ``DATABASES`` (``sqlite,postgresql``), ``SECONDS`` (for each read, server and number of
connections, in rounds) and ``BENCH_DATABASE_URL`` (or ``DATABASE_URL``: a PostgreSQL on which databases may be made) choose.
"""

import contextlib
import dataclasses
import hashlib
import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.bench import cases, client, report, servers
from tests.bench.cases import Case
from tests.bench.report import BARE, COLD, LIST, STOCK, WARM, Measure, Result

ROOT = Path(__file__).resolve().parent.parent.parent
ATTEST_SETTINGS, STOCK_SETTINGS = "cms.settings.dev", "tests.bench.stock_settings"
CONNECTIONS = (8, 32)
ROUNDS = 3
DEFAULT_SECONDS = 3
# The stock API takes seconds for a list when it is asked for several at once. What is unfinished at the end of a round counts for
# nothing, so short rounds would make it look slower than it is: it is asked in one round only, a long one. Unit: seconds, by
# number of connections.
STOCK_SECONDS = {8: 10, 32: 30}
STOCK_ROUND = 1
# Before the first round of a read, so that caches are as warm as they get. Unit: seconds.
WARM_UP_SECONDS = 1
# What is compared closely is asked in so many pairs, a second each.
PAIRS = 3
# Publications with each kind of project, in turns.
PUBLICATION_TURNS, PUBLICATIONS = 2, 12
SLUG = "bench-article-{}"


@dataclasses.dataclass(frozen=True)
class Place:
    """One database of one size, and the folder of what belongs to it."""

    articles: int
    database: str
    url: str
    folder: Path


def main() -> None:
    """Load, measure, print, write the page."""
    sizes = [int(size) for size in _words("ARTICLES", "1000")]
    seconds = float(os.environ.get("SECONDS") or DEFAULT_SECONDS)
    notes: list[str] = []
    places = list(_places(sizes, notes))
    for note in notes:
        _say(note)
    if client.is_compressing():
        _say("wrk is not installed; the client is our own, and every ratio is compressed by what it costs.")
    results = []
    for place in places:
        _say(f"\n{place.database}, {place.articles:,} articles")
        result = _measured(place, seconds)
        results.append(result)
        _say("\n".join(report.tables_of(result)))
        _say("\n".join(_line(verdict) for verdict in report.verdicts_of(result)))
        fewer = [one for one in places if one.database == place.database and one.articles < place.articles]
        if fewer:
            smallest = min(fewer, key=lambda one: one.articles)
            result.growth, result.grown_from = _growth(smallest, place), smallest.articles
            _say("\n".join(_line(verdict) for verdict in report.growth_of(result)))
        # After each database: who stops a long run keeps what was measured.
        page = report.page_of(results, client=client.name(), is_compressing=client.is_compressing(), notes=notes)
        _write(ROOT / "docs" / "performance.md", page)
    _say("\nWritten: docs/performance.md")


def _places(sizes: Sequence[int], notes: list[str]) -> Any:
    kept = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "bench"
    wanted = _words("DATABASES", "sqlite,postgresql")
    server = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    for database in wanted:
        reason = "" if database == "sqlite" else _unreachable(server)
        if reason:
            notes.append(f"{database} was skipped: {reason}")
            continue
        for size in sizes:
            key = f"{database}_{size}_{_schema()}"
            folder = kept / key
            folder.mkdir(parents=True, exist_ok=True)
            url = f"sqlite:///{folder / 'attest.sqlite3'}" if database == "sqlite" else _made(server, f"bench_{key}")
            yield Place(size, _version_of(url), url, folder)


def _schema() -> str:
    """Eight digits that change with our tables and with what the generator writes: then everything is loaded anew."""
    paths = sorted(
        path for top in ("cms", "home", "articles", "services", "search") for path in ROOT.glob(f"{top}/**/0*.py")
    )
    names = "\n".join(path.relative_to(ROOT).as_posix() for path in paths)
    generator = (Path(__file__).parent / "content.py").read_text()
    return hashlib.sha256(f"{names}\n{generator}".encode()).hexdigest()[:8]


def _unreachable(server: str) -> str:
    """Why there is no PostgreSQL at ``server``; empty when there is one."""
    if not server.startswith("postgres"):
        return "neither BENCH_DATABASE_URL nor DATABASE_URL names a PostgreSQL server."
    try:
        psycopg2.connect(server, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return "the server that BENCH_DATABASE_URL or DATABASE_URL names does not answer."
    return ""


def _made(server: str, name: str) -> str:
    """The address of the database ``name`` on ``server``, which is made when it is missing."""
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _version_of(url: str) -> str:
    if url.startswith("sqlite"):
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}"
    connection = psycopg2.connect(url)
    with contextlib.closing(connection):
        return f"PostgreSQL {connection.server_version // 10000}.{connection.server_version % 10000}"


def _measured(place: Place, seconds: float) -> Result:
    loaded = place.folder / "load.json"
    _run("tests.bench.load", place, ATTEST_SETTINGS, str(place.articles), str(loaded))
    result = Result(place.articles, place.database)
    if loaded.exists():
        noted = json.loads(loaded.read_text())
        result.loaded = (noted["articles"], noted["seconds"])
    slugs = _slugs(place)
    with contextlib.ExitStack() as stack:

        def start(name: str, target: str, settings: str, path: str, **more: str) -> servers.Server:
            environ = servers.environment(place.url, place.folder, settings, **more)
            return stack.enter_context(servers.running(name, target, environ, ready_path=path))

        warm = start(WARM, "cms.wsgi:application", ATTEST_SETTINGS, "/healthz")
        cold = start(COLD, "cms.wsgi:application", ATTEST_SETTINGS, "/healthz", RESPONSE_CACHE_BYTES="0")
        stock = start(STOCK, servers.DJANGO_FACTORY, STOCK_SETTINGS, "/stock/pages/?limit=1")
        _run("tests.bench.bare", place, "", "--fill", given=json.dumps(cases.documents_of(cold, slugs)))
        bare = start(BARE, "tests.bench.bare:application", "", f"/bare/{slugs[0]}")
        found = cases.find(cold, stock, bare, slugs, place.articles)
        asked = [
            *((server, cases.as_answered(server, case)) for server in (warm, cold) for case in found.attest),
            *((stock, case) for case in found.stock.values()),
            (bare, dataclasses.replace(found.bare, name=BARE)),
        ]
        result.measures = list(_measures(asked, _queries(place, asked), seconds))
        by_name = {case.name: case for server, case in asked if server is cold}
        for case in by_name.values():
            if "by cursor" in case.name:
                result.cursor_cost = (case.name, _times((cold, by_name[LIST]), (cold, case)))
        result.memory_mib = [*warm.memory_mib(), *cold.memory_mib()]
    result.publication_ms = _publication(place)
    return result


def _measures(asked: Sequence[tuple[servers.Server, Case]], queries: dict[str, int], seconds: float) -> Any:
    """Every read on every server, in rounds that go over all of them."""
    rounds: dict[tuple[int, int], list[client.Round]] = {}
    length = max(1.0, seconds / ROUNDS)
    for server, case in asked:
        client.ask(server.port, case.requests, connections=CONNECTIONS[0], seconds=WARM_UP_SECONDS)
    for number in range(ROUNDS):
        _say(f"  round {number + 1} of {ROUNDS} …")
        for connections in CONNECTIONS:
            for place, (server, case) in enumerate(asked):
                if server.name == STOCK and number != STOCK_ROUND:
                    continue
                its_length = STOCK_SECONDS[connections] if server.name == STOCK else length
                seen = client.ask(server.port, case.requests, connections=connections, seconds=its_length)
                rounds.setdefault((connections, place), []).append(seen)
    for (connections, place), seen_of_it in sorted(rounds.items()):
        server, case = asked[place]
        yield Measure(
            case.name,
            server.name,
            connections,
            statistics.median(seen.per_second for seen in seen_of_it),
            statistics.median(seen.p50 for seen in seen_of_it),
            statistics.median(seen.p99 for seen in seen_of_it),
            sum(seen.failed for seen in seen_of_it),
            case.size,
            queries.get(_key(server.name, case)),
        )


def _growth(few: Place, many: Place) -> dict[tuple[str, str], float]:
    """How many times as long each read takes among many articles as among few, by case and server; both are served at once."""
    found: dict[tuple[str, str], float] = {}
    _say(f"  {few.articles:,} and {many.articles:,} articles in turn …")
    for name, more in ((COLD, {"RESPONSE_CACHE_BYTES": "0"}), (WARM, {})):
        with contextlib.ExitStack() as stack:
            asked: list[dict[str, tuple[servers.Server, Case]]] = []
            for place in (few, many):
                environ = servers.environment(place.url, place.folder, ATTEST_SETTINGS, **more)
                running = servers.running(name, "cms.wsgi:application", environ, ready_path="/healthz")
                server = stack.enter_context(running)
                documents = [f"/api/v1/articles/{slug}" for slug in _slugs(place)]
                its_cases = cases.attest_cases(server, documents, place.articles)
                asked.append({case.name: (server, cases.as_answered(server, case)) for case in its_cases})
            for case in asked[0].keys() & asked[1].keys():
                found[case, name] = _times(asked[0][case], asked[1][case])
    return dict(sorted(found.items()))


def _times(one: tuple[servers.Server, Case], other: tuple[servers.Server, Case]) -> float:
    """How many times the p50 of ``one`` that of ``other`` is, asked in turn; where it is most of the numbers of connections.

    Infinite where an answer failed.
    """
    worst = 0.0
    for connections in CONNECTIONS:
        ratios = []
        for pair in range(PAIRS + 1):
            first, second = (
                client.ask(server.port, case.requests, connections=connections, seconds=1)
                for server, case in (one, other)
            )
            if first.failed or second.failed or not first.p50:
                # Refusals are quick: they must not pass for reads.
                return math.inf
            # The first pair warms both up.
            if pair:
                ratios.append(second.p50 / first.p50)
        worst = max(worst, statistics.median(ratios))
    return worst


def _slugs(place: Place) -> list[str]:
    return cases.slugs_among(max(1, place.articles - 20), SLUG)


def _queries(place: Place, asked: Sequence[tuple[servers.Server, Case]]) -> dict[str, int]:
    """Queries of each read, counted inside a process of each kind; the bare view has one, as its name says."""
    counted = {}
    for name, settings, more in (
        (WARM, ATTEST_SETTINGS, {}),
        (COLD, ATTEST_SETTINGS, {"RESPONSE_CACHE_BYTES": "0"}),
        (STOCK, STOCK_SETTINGS, {}),
    ):
        its_cases = [case for server, case in asked if server.name == name]
        given = json.dumps([list(case.requests[0]) for case in its_cases])
        counts = json.loads(_run("tests.bench.counting", place, settings, given=given, **more))
        counted |= {_key(name, case): count for case, count in zip(its_cases, counts, strict=True)}
    bare = next(case for server, case in asked if server.name == BARE)
    return counted | {_key(BARE, bare): 1}


def _key(server: str, case: Case) -> str:
    return f"{server}: {case.name}"


def _publication(place: Place) -> tuple[float, float]:
    """Median milliseconds of one publication: with Attest, and in a plain Wagtail project."""
    found: dict[str, list[float]] = {ATTEST_SETTINGS: [], STOCK_SETTINGS: []}
    for _turn in range(PUBLICATION_TURNS):
        for settings, times in found.items():
            times += json.loads(_run("tests.bench.publication", place, settings, str(PUBLICATIONS)))
    return statistics.median(found[ATTEST_SETTINGS]), statistics.median(found[STOCK_SETTINGS])


def _run(module: str, place: Place, settings: str, *arguments: str, given: str | None = None, **more: str) -> str:
    """Run a module of the benchmark in a process of its own; what it writes is returned, or shown when nothing is given."""
    environ = servers.environment(place.url, place.folder, settings, **more)
    is_shown = module.endswith(".load")
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, env=environ, cwd=ROOT, input=given, text=True, check=True, stdout=None if is_shown else subprocess.PIPE
    )
    return done.stdout or ""


def _write(path: Path, page: str) -> None:
    """Put ``page`` into the file, before what is written there by hand."""
    _before, heading, by_hand = path.read_text().partition(report.BY_HAND)
    path.write_text(f"{page}\n{heading}{by_hand}" if heading else page)


def _line(verdict: report.Verdict) -> str:
    word = "met" if verdict.is_met else "MISSED"
    return f"{word:7} {verdict.subject}: {verdict.measured} (target {verdict.target})"


def _words(name: str, default: str) -> list[str]:
    return [word.strip() for word in (os.environ.get(name) or default).split(",") if word.strip()]


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
